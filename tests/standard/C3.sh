# C3: practising ethically: people decide whether their side is shown; taking it back wins; small groups are hidden.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a side is not shown before its person said yes"
home asha "Asha"
home bill "Bill"
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

step "balance counts by side and hides fewer than three"
run 0 bill note consent plan "No" "scope=perspective" "given=no"
run 0 bill balance
holds 'any(.[]; .perspective == "carer" and .hidden == true and .people == 0 and .lead == 0)' "one carer"
finish
