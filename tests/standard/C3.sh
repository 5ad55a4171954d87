# C3: practising ethically: people decide whether their side is shown, on whichever of their devices; taking it back wins; small
# groups are hidden; everyone sees what is known about them.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a side is not shown before its person said yes"
home asha "Asha"
home bill "Bill"
home phone "Bill"
run 0 asha plan new "The bridge"
bring asha bill
run 0 bill set me "perspectives+=carer"
meet bill asha
check_is 0 asha C3 "needs people"
reason no_consent
# side HOME : Bill's perspectives as this home shows them
side() {
    run 0 "$1" who
    side=$(jq -c '.[] | select(.name == "Bill") | .perspectives' "$work/out")
}
side asha
equal "[]" "$side" "before anything was said"
run 0 bill note consent plan "You may" "scope=perspective" "given=yes"
meet bill asha
side asha
equal '["carer"]' "$side" "after a yes"
check_is 0 asha C3 yes
"$coplan" --home "$work/asha" export html --with-sides >"$work/before" 2>"$work/err"
ok "an export that was asked for sides has it" grep -q carer "$work/before"

step "somebody else's yes or no says nothing about Bill"
run 0 asha note consent plan "No for Bill" "scope=perspective" "given=no"
meet bill asha
side asha
equal '["carer"]' "$side" "Asha spoke for herself"

step "taken back, it is gone everywhere, until Bill says otherwise"
run 0 bill note consent plan "Not any more" "scope=perspective" "given=no"
meet bill asha
side asha
equal "[]" "$side" "after a no"
"$coplan" --home "$work/asha" export html --with-sides >"$work/after" 2>"$work/err"
not "not in the next export either" grep -q carer "$work/after"
run 0 bill note consent plan "Yes again" "scope=perspective" "given=yes"
meet bill asha
for who in asha bill; do
    side "$who"
    equal '["carer"]' "$side" "after a yes that saw the no"
done

step "given on the tablet and taken back on the phone, apart: taken back wins, in any order, until Bill says otherwise"
run 0 bill invite --my-device
invitation=$(get .invite)
run 0 phone join "$invitation"
is .person "$person_bill" "the phone is Bill's"
meet phone bill
meet phone asha
meet bill asha
early phone
run 0 phone note consent plan "No" "scope=perspective" "given=no"
run 0 bill note consent plan "Yes" "scope=perspective" "given=yes"
run 0 bill note consent plan "Yes, once more" "scope=perspective" "given=yes"
meet phone bill
meet bill asha
meet phone asha
same asha bill phone
for seed in 3 4; do
    dealt "$seed" asha bill phone
    for who in asha bill phone dealt; do
        side "$who"
        equal "[]" "$side" "the no stands over two yeses that had not seen it, at $who's"
        "$coplan" --home "$work/$who" export html --with-sides >"$work/side" 2>"$work/err"
        not "nor in an export of $who's" grep -q carer "$work/side"
    done
done
run 0 bill note consent plan "I have seen my no: yes" "scope=perspective" "given=yes"
meet bill asha
meet phone asha
for who in asha bill phone; do
    side "$who"
    equal '["carer"]' "$side" "a yes that saw the no, at $who's"
done

step "balance counts by side and hides fewer than three"
run 0 bill note consent plan "No" "scope=perspective" "given=no"
run 0 bill balance
holds 'any(.[]; .perspective == "carer" and .hidden == true and .people == 0 and .speak == 0 and .score == 0 and .lead == 0)' "one carer"

step "three of a side are counted, by what they say, score and lead"
for who in eve finn gus; do
    home "$who" "$who"
    bring asha "$who"
    run 0 "$who" set me "perspectives+=council"
    meet "$who" asha
done
add eve concern "Who pays?"
add gus action "Count the cars" "lead=gus"
meet eve asha
meet gus asha
run 0 asha balance
holds 'any(.[]; .perspective == "council" and .hidden == false and .people == 3 and .speak >= 1 and .lead == 1)' "a group that is large enough"
run 0 bill about-me
holds 'any(.[]; .section == "wrote") and any(.[]; .section == "me")' "Bill sees what is known about Bill"
finish
