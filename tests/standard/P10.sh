# P10: when someone does not agree or cannot do it: the reason is seen, talked about, and a new page asks again.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "no final page yet"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "Walks"
add asha action "Walk on Mondays"
action=$id
bring asha bill
run 0 asha set "$action" "lead=Bill"
meet bill asha
check_is 1 asha P10 no
reason no_final_page

step "Bill does not agree; Asha's device hears of it"
run 0 asha freeze --stage agreement --anyway "The first round"
old=$(get .version)
meet bill asha
run 0 asha sign "$old" --agree
run 0 bill sign "$old" --no "not on Mondays" --cannot "$action" --would-agree-if "it were Tuesdays"
answer=$(get .answer)
meet bill asha
check_is 1 asha P10 no
reason no_not_talked
reason cannot_do
holds 'any(.[0].why[]; contains("Bill"))' "by name"

step "a talk is noted about the answer; the no stands until the page changes"
run 0 asha agreement "$old"
entry=$(jq -r '.answers[] | select(.answer == "no") | .id' "$work/out")
run 0 asha note negotiation "$entry" "We move it to Tuesdays"
check_is 1 asha P10 no
reason no_stands
no_reason no_not_talked

step "a new page asks again; when all agree, it is met"
run 0 asha set "$action" "text=Walk on Tuesdays"
run 0 asha freeze --stage agreement --anyway "The second round"
new=$(get .version)
meet bill asha
check_is 1 bill P10 no
reason waiting_for
run 0 asha sign "$new" --agree
run 0 bill sign "$new" --agree --will all
meet bill asha
same asha bill
for who in asha bill; do
    check_is 0 "$who" P10 yes
    check_is 0 "$who" P12 yes
done
differ "" "$answer" "the answer has an id"
finish
