# P3: what gets in the way, what it does to our choices, and who could help with it.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "an obstacle says what it stops and what it does"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The hall"
bring asha bill
early bill
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
dealt 1 asha bill
run 0 asha show "$obstacle"
is '.fields.blocks | length' 2 "it gets in the way of both"
check_is 0 bill P3 yes

step "closed here and linked there: open after meeting, and it gets in the way of both"
add asha option "Meet in the library"
third=$id
add asha option "Meet in the church"
fourth=$id
add asha obstacle "No key" "blocks+=$third"
key=$id
meet bill asha
run 0 asha set "$key" "state=gone"
run 0 asha show "$key"
is '.state' gone "where nobody else has been, it is gone"
run 0 bill set "$key" "blocks+=$fourth"
meet bill asha
same asha bill
dealt 2 asha bill
for who in asha bill dealt; do
    run 0 "$who" show "$key"
    is '.state' open "the careful reading at $who's"
    is '.closed_apart' true "marked"
    is '.fields.blocks | length' 2 "both links"
done
"$coplan" --home "$work/asha" list obstacle >"$work/human" 2>&1
ok "the screen says why it is back" grep -q "No key.*while it was taken off" "$work/human"
run 0 bill set "$key" "state=gone"
meet bill asha
run 0 asha show "$key"
is '.state' gone "who saw both may close it"
is '.closed_apart' false "and nothing is left to look at"

step "the other way about: edited there, accepted here, in another order of meeting"
home cara "Cara"
bring asha cara
add asha obstacle "No heating" "effect=It is cold"
cold=$id
meet bill asha
meet cara asha
run 0 cara set "$cold" "effect=It is cold in winter"
run 0 bill set "$cold" "state=accepted"
meet cara bill
meet bill asha
meet cara asha
for who in asha bill cara; do
    run 0 "$who" show "$cold"
    is '.state' open "at $who's"
    is '.fields.effect' "It is cold in winter" "the newer words"
done
same asha cara
dealt 3 asha cara
run 0 cara set "$cold" "state=accepted"
run 0 cara set "$cold" "effect=It is cold in winter and in spring"
meet cara asha
run 0 asha show "$cold"
is '.state' accepted "an edit that knew of it leaves it"
run 0 asha set "$cold" "state=open"
run 0 asha set "$key" "state=open"
run 0 asha set "$key" "state=gone"
run 0 asha set "$cold" "state=gone"

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
