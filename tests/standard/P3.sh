# P3: what gets in the way, what it does to our choices, and who could help with it.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "an obstacle says what it stops and what it does"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The hall"
bring asha bill
check_is 1 asha P3 no
add asha option "Meet upstairs"
option=$id
add asha option "Meet in the yard"
other=$id
add asha obstacle "No lift"
obstacle=$id
check_is 1 asha P3 no
reason blocks_nothing
reason no_effect
run 0 asha set "$obstacle" "blocks+=$option" "effect=Some of us cannot come" "type=access"
check_is 0 asha P3 "needs people"
reason impact_not_rated
run 0 asha rate "$obstacle" impact 4
check_is 0 asha P3 yes
meet bill asha

step "ratings are each person's own"
run 0 bill rate "$obstacle" impact 2
meet bill asha
run 0 asha show "$obstacle"
is '[.views[] | select(.measure == "impact")] | length' 2 "two views, not one shared number"

step "two devices link it apart: both links stand"
run 0 asha set "$obstacle" "way_round=Carry the chairs down"
run 0 bill set "$obstacle" "blocks+=$other"
meet bill asha
same asha bill
run 0 asha show "$obstacle"
is '.fields.blocks | length' 2 "it gets in the way of both"
check_is 0 bill P3 yes

step "match pairs it with what is offered of the same sort"
add bill strength "Bill builds ramps" "type=access"
add bill resource "Grant" "amount=1000" "unit=pence"
add asha obstacle "No money for chairs" "type=money"
meet bill asha
for who in asha bill; do
    run 0 "$who" match
    is length 2 "both obstacles at $who's"
    holds 'any(.[]; .text == "No lift" and .offers[0].text == "Bill builds ramps" and .offers[0].name == "Bill")' "access"
    holds 'any(.[]; .type == "money" and (.offers | length) == 1)' "money by its unit"
done
run 0 asha set "$obstacle" "state=gone"
run 0 asha match
is length 1 "what is gone is not matched"
finish
