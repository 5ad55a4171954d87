# C8: making a difference: a chosen idea rests on evidence or on what we hold dear (K2, K3).
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a chosen idea that rests on nothing is listed"
home asha "Asha"
run 0 asha plan new "The walk"
check_is 1 asha C8 no
reason no_option_chosen
add asha option "Walk together" "state=chosen"
option=$id
check_is 1 asha C8 no
reason rests_on_nothing
holds ".[0].records | index(\"$option\") != null" "by its id"
add asha evidence "Walking helps" "source=A study" "read_on=2031-01-01"
run 0 asha set "$option" "evidence+=$id"
check_is 0 asha C8 yes
finish
