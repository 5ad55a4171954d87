# Words taken back where a plan is carried on: by a key of the recovery sheet, from a linked device, in one plan and in the others that
# have them; and nothing is said to be erased that is not.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# visit SYNCER CALLED : one meeting, whatever it comes to
visit() {
    address "$2"
    as "$1" sync "$address"
}
# reads HOME PLAN JSON WHAT : the words of its needs
reads() {
    run 0 "$1" --plan "$2" list need
    is '[.[].text] | sort | tostring' "$3" "$4"
}

step "the laptop is lost; the sheet is used on the phone that was linked; what is taken back then is erased for all"
with_sheet asha Asha
home phone Asha
home bill Bill
run 0 asha plan new "A garden"
old=$(get .plan)
run 0 asha invite --my-device --out "$work/phone.in"
run 0 phone join "$work/phone.in"
bring asha bill
meet phone asha
meet bill asha
run 0 phone recover "$(cat "$work/asha.sheet")"
add phone need "Taken back before"
run 0 phone withdraw-words "$id"
add phone need "To be taken back after"
after=$id
add phone need "This stays"
run 0 phone continue
new=$(get .plan)

step "the phone carries on: whoever it is for gets all of it, without the words"
visit bill phone
run 0 bill follow "$new"
meet bill phone
reads bill "$new" '["","This stays","To be taken back after"]' "what was taken back before is without words"

step "in the continuation words go by the new key too"
run 0 phone --plan "$new" add need "My son takes olanzapine"
own=$(get .id)
meet bill phone
for one in "$own" "$after"; do run 0 phone --plan "$new" withdraw-words "$one"; done
is '[.elsewhere[] | .plan, .code] | join(" ")' "$old ok" "and in the old one"
reads phone "$new" '["","","","This stays"]' "gone here"
meet bill phone
reads bill "$new" '["","","","This stays"]' "and at bill's"
reads bill "$old" '["","","This stays"]' "in both plans"

step "what shows whose words they are is damaged: nobody is told that they are erased"
home chen Chen
home dora Dora
run 0 dora plan new "Another"
plan=$(get .plan)
bring dora chen
add chen need "Chen's words"
meet chen dora
run 0 chen log
admit=$(get '[.[] | select(.what.kind == "admit") | .entry][0]')
run 0 chen daemon stop
if command -v sqlite3 >/dev/null; then
    sqlite3 "$work/chen/plan.db" "UPDATE entry SET body = zeroblob(length(body)) WHERE id = x'$admit'"
    serve chen
    refused 3 words_stay chen withdraw-words "$id"
    reads chen "$plan" "[\"Chen's words\"]" "they are here"
    meet chen dora
    reads dora "$plan" '[""]' "and gone where nothing is damaged"
fi
finish
