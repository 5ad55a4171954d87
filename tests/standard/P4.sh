# P4: weighing: every chosen priority has a gain (P4.1) and what happens if we do nothing (P4.2).
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "nothing is chosen"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The street"
bring asha bill
early bill
add asha priority "Quiet"
quiet=$id
add asha priority "Light"
light=$id
check_is 1 asha P4 no
reason nothing_chosen

step "each chosen priority without a gain or an inaction is named"
run 0 asha set "$quiet" "state=chosen"
run 0 asha set "$light" "state=chosen"
add asha benefit "We sleep" "about+=$quiet"
check_is 1 asha P4 no
is '[.[0].reasons[] | select(.code == "no_gain") | .record] | join(",")' "$light" "without a gain"
is '[.[0].reasons[] | select(.code == "no_inaction")] | length' 2 "without an inaction"
is '[.[] | .criterion] | join(" ")' "P4 P4.1 P4.2" "the point and its parts"
add asha inaction "Nobody sleeps" "about+=$quiet"
add asha inaction "People fall" "about+=$light"
check_is 0 asha P4.2 yes
check_is 1 asha P4.1 no
add asha benefit "We can see" "about+=$light"
check_is 0 asha P4 yes

step "not now needs a reason"
run 0 asha set "$light" "state=not now"
check_is 1 asha P4.1 no
reason not_now_no_reason
run 0 asha set "$light" "why=The council does it next year"
check_is 0 asha P4 yes

step "chosen here and not now there: both show until the group picks"
meet bill asha
run 0 asha set "$light" "state=chosen"
run 0 bill set "$light" "state=open"
meet bill asha
same asha bill
dealt 1 asha bill
run 0 bill wordings
holds "any(.[]; .id == \"$light\" and .field == \"state\" and (.wordings | length) == 2)" "two wordings of the choice"
finish
