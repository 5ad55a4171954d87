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

step "words that are taken back in the old plan go from its continuation too, on machines that have both"
home emil Emil
home finn Finn
home gwen Gwen
home hana Hana
run 0 finn plan new "A walk"
old=$(get .plan)
for who in gwen emil hana; do bring finn "$who"; done
for n in 1 2 3; do
    add emil need "Emil, $n"
    eval "e$n=\$id"
done
for who in emil gwen hana; do meet "$who" finn; done
run 0 finn continue --without Emil
new=$(get .plan)
meet gwen finn
run 0 gwen follow "$new"
meet gwen finn
# gone HOME COUNT : so many needs have no words there, in both plans
gone() {
    for gone_plan in "$old" "$new"; do
        as "$1" --plan "$gone_plan" list need
        [ "$(get '[.[] | select(.text == "")] | length')" = "$2" ] || return 1
    done
}
run 0 emil withdraw-words "$e1"
meet emil finn
until_true 15 gone finn 1 || bad "finn's other plan still has them"
meet gwen finn
ok "gone at gwen's in both" gone gwen 1
# said_again HOME COUNT : so often it is said in the continuation
said_again() {
    run 0 "$1" --plan "$new" log
    is '[.[] | select(.what.kind == "withdraw")] | length' "$2" "said in the new plan by $1's log"
}
said_again gwen 1
"$coplan" --home "$work/gwen" --plan "$new" log >"$work/log"
not "Finn, whose machine says it again, is not said to have taken words back" grep -q "Finn.*took words back" "$work/log"
ok "he wrote it down" grep -q "Finn.*wrote down that words were taken back" "$work/log"
run 0 finn --plan "$new" digest
before=$(jq -c . "$work/out")
meet gwen finn
run 0 finn --plan "$new" digest
equal "$before" "$(jq -c . "$work/out")" "once is enough"

step "by stick; and on a machine that has the continuation and has not come along"
run 0 emil withdraw-words "$e2"
run 0 emil bundle write "$work/emil.coplan"
run 0 gwen bundle read "$work/emil.coplan"
ok "gone by stick" gone gwen 2
meet gwen finn
until_true 15 gone finn 2 || bad "not gone at finn's"
said_again finn 2
meet hana emil
run 0 hana status
is '.plans | length' 1 "she has not met the continuation"
meet hana finn
until_true 15 gone hana 2 || bad "not gone at hana's"

step "two people at one device: where nobody who is in the other plan is awake, it is done when they unlock"
for who in ida jon; do echo "$who likes tea" >"$work/$who.pass"; done
by() { GLOBAL="--as $1 --passphrase-file $work/$2.pass"; }
GLOBAL="--passphrase-file $work/ida.pass"
run 0 tab init --name Ida
ida=$(get .person)
GLOBAL=""
serve tab
GLOBAL="--passphrase-file $work/jon.pass"
run 0 tab person add --name Jon
GLOBAL=""
for who in Ida:ida Jon:jon; do
    run 0 finn --plan "$old" invite
    invitation=$(get .invite)
    by "${who%:*}" "${who#*:}"
    run 0 tab join "$invitation"
    GLOBAL=""
done
meet emil finn # who is in by now
run 0 finn --plan "$old" continue --without Emil --without Ida
new=$(get .plan)
address finn
by Jon jon
run 0 tab sync "$address"
run 0 tab --plan "$new" list need
is '[.[] | select(.text == "Emil, 3")] | length' 1 "the words are in the third plan"
GLOBAL=""
run 0 tab lock
by "$ida" ida
run 0 tab unlock
GLOBAL=""
run 0 emil withdraw-words "$e3"
address emil
by Ida ida
as tab sync "$address"
run 0 tab --plan "$old" list need
is '[.[] | select(.text == "Emil, 3")] | length' 0 "taken back in the plan that she is in"
run 0 tab --plan "$new" list need
is '[.[] | select(.text == "Emil, 3")] | length' 1 "nobody is awake who can say it in the other"
by Jon jon
run 0 tab unlock
run 0 tab --plan "$new" list need
is '[.[] | select(.text == "Emil, 3")] | length' 0 "until Jon is"
GLOBAL=""

step "two people at one device: what one takes back in the plan that is theirs goes from the other's at once"
run 0 finn plan new "A swim"
old=$(get .plan)
for who in Ida:ida Jon:jon; do
    run 0 finn --plan "$old" invite
    invitation=$(get .invite)
    by "${who%:*}" "${who#*:}"
    run 0 tab join "$invitation"
    GLOBAL=""
done
address finn
by Ida ida
run 0 tab --plan "$old" add need "Ida: I drink"
ida_said=$(get .id)
run 0 tab --plan "$old" add need "Ida: my flat"
ida_too=$(get .id)
as tab sync "$address"
GLOBAL=""
run 0 finn --plan "$old" continue --without Ida
new=$(get .plan)
by Jon jon
as tab sync "$address"
reads tab "$new" '["Ida: I drink","Ida: my flat"]' "the plan that she is not in has her words"
by Ida ida
run 0 tab --plan "$old" withdraw-words "$ida_said"
is '[.elsewhere[] | .plan, .code] | join(" ")' "$new ok" "Jon's device is hers too"
by Jon jon
reads tab "$new" '["","Ida: my flat"]' "gone from it"
GLOBAL=""
run 0 tab lock
by "$ida" ida
run 0 tab unlock
"$coplan" --home "$work/tab" --as Ida --passphrase-file "$work/ida.pass" --plan "$old" withdraw-words "$ida_too" >"$work/said" 2>&1
ok "where Jon is not awake the screen says when it is done" grep -q "They are still in the plan.*as soon as somebody who is in that plan unlocks" "$work/said"
not "and advises nothing that cannot be done" grep -q "NOT erased" "$work/said"
by Jon jon
run 0 tab unlock
reads tab "$new" '["",""]' "and then it is"
GLOBAL=""

step "the sheet is used after the plan was carried on: words taken back by its key go from the new plan too"
with_sheet kai Kai
home tablet Kai
run 0 finn plan new "A choir"
old=$(get .plan)
run 0 finn --plan "$old" invite --out "$work/kai.in"
run 0 kai join "$work/kai.in"
run 0 finn --plan "$old" invite --out "$work/gwen.in"
run 0 gwen join "$work/gwen.in"
meet finn kai
meet finn gwen
run 0 kai add need "Kai: my son takes olanzapine"
kai_said=$(get .id)
run 0 kai invite --my-device --out "$work/tablet.in"
run 0 tablet join "$work/tablet.in"
meet kai tablet
meet kai finn
meet tablet finn
run 0 finn --plan "$old" continue --without Kai
new=$(get .plan)
meet gwen finn
reads gwen "$new" '["Kai: my son takes olanzapine"]' "carried on with them"
run 0 tablet recover "$(cat "$work/kai.sheet")"
run 0 tablet withdraw-words "$kai_said"
meet tablet finn
# both HOME : no words of Kai's in either plan
both() {
    for both_plan in "$old" "$new"; do
        as "$1" --plan "$both_plan" list need
        [ "$(jq -c '[.[].text]' "$work/out")" = '[""]' ] || return 1
    done
}
until_true 15 both finn || bad "finn's new plan still has them"
"$coplan" --home "$work/finn" --plan "$new" log >"$work/log"
ok "what Finn's machine wrote of it is told" grep -q "Finn.*wrote down that a recovery sheet was used" "$work/log"
not "and not that Finn came back" grep -q "Finn.*came back" "$work/log"
meet gwen finn
run 0 gwen follow "$new"
until_true 15 both gwen || bad "gwen's new plan still has them"
run 0 gwen --plan "$new" digest
before=$(get .entries)
run 0 gwen follow "$new"
is '[.again, .withdrawn] | tostring' '[true,0]' "nothing is left to be said"
run 0 gwen --plan "$new" digest
is .entries "$before" "and nothing is"
meet gwen finn
run 0 finn --plan "$new" digest
is .entries "$before" "the same on both"

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
