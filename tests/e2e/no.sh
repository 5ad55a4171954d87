# Someone says no: not agreed anywhere, whatever the others said; a new version asks everyone again; what was
# said of the old one stays true and can still be checked.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_proof.sh"

# all_meet : everyone hears everything
all_meet() {
    for pair in asha-bill bill-chen chen-asha; do meet "${pair%-*}" "${pair#*-}"; done
    same asha bill chen
}
# everywhere VERSION RESULT
everywhere() {
    for who in asha bill chen; do
        run 0 "$who" agreement "$1"
        is .result "$2" "result at $who's"
    done
}

step "three people, one plan, one version"
home asha "Asha"
home bill "Bill"
home chen "Chen"
run 0 asha plan new "Walks together"
add asha action "Walk to the river on Mondays"
action=$id
bring asha bill
bring asha chen
complete asha "$action" "$person_asha" "$person_bill"
all_meet
run 0 asha freeze --stage agreement
old=$(get .version)
all_meet

step "Chen says no"
run 0 asha sign "$old" --agree --will all
run 0 bill sign "$old" --agree
run 0 chen sign "$old" --no "not on Mondays" --would-agree-if "it were Tuesdays"
run 0 chen agreement "$old"
is .result "not agreed" "at Chen's at once"
run 0 asha agreement "$old"
is .result "not agreed yet" "at Asha's, who has not heard of it"
all_meet
everywhere "$old" "not agreed"
holds "any(.answers[]; .person == \"$person_chen\" and .answer == \"no\")" "Chen's answer is there"
holds "[.answers[] | select(.answer == \"agree\")] | length == 2" "and the other two are not lost"
refused_any 2 "usage" chen sign "$old" --no

step "the no, and why, are in the proof; it verifies"
run 0 bill proof "$old" --out "$work/old"
good_proof "$work/old" "$old" 3
ok "the reason is written down" grep -r -q -x "why not on Mondays" "$work/old/answers"
ok "and what would help" grep -r -q -x "would agree if it were Tuesdays" "$work/old/answers"

step "the plan is changed and frozen again: everyone answers again"
run 0 bill set "$action" "text=Walk to the river on Tuesdays"
all_meet
run 0 chen freeze --stage agreement
new=$(get .version)
differ "$old" "$new" "new and old version"
all_meet
for who in asha bill chen; do
    run 0 "$who" agreement
    is .version "$new" "the newest version at $who's"
    is .result "not agreed yet"
    is '.answers | length' 0 "nobody's answer moved over"
    is '.waiting_for | length' 3
done
"$coplan" --home "$work/asha" text "$new" >"$work/new.txt" 2>"$work/err"
ok "the new version names the old one as its parent" grep -q "$old" "$work/new.txt"
for who in asha bill chen; do run 0 "$who" sign "$new" --agree --will all; done
all_meet
everywhere "$new" "agreed"

step "the old version and its answers are as they were, and still verify"
everywhere "$old" "not agreed"
is '.answers | length' 3
run 0 asha proof "$old" --out "$work/old-again"
good_proof "$work/old-again" "$old" 3
ok "the same bytes as before" diff -r "$work/old" "$work/old-again"
run 0 asha proof "$new" --out "$work/new"
good_proof "$work/new" "$new" 3

step "standing aside, changing one's mind, taking an answer back"
run 0 bill sign "$new" --aside "I will be away"
run 0 bill agreement "$new"
is .result "not agreed yet"
all_meet
everywhere "$new" "not agreed yet"
run 0 bill sign "$new" --agree
all_meet
everywhere "$new" "agreed"
run 0 asha withdraw "$new"
keys . answer
all_meet
everywhere "$new" "not agreed yet"
good_proof "$work/new" "$new" 3
run 0 asha sign "$new" --agree --will all
all_meet
everywhere "$new" "agreed"

step "two wordings: freezing refuses, also with --anyway; a reason is written when something else is open"
run 0 asha set "$action" "text=Walk to the hill"
run 0 bill set "$action" "text=Walk to the wood"
all_meet
refused 1 not_ready asha freeze --stage agreement
holds '.error.reasons | length > 0' "with reasons"
refused 1 not_ready asha freeze --stage agreement --anyway "we are in a hurry"
run 0 chen choose "$action" text --keep 1
all_meet
run 0 asha freeze --stage agreement
for who in asha bill chen; do alive "$who"; done
finish
