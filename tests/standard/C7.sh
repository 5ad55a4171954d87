# C7: goals chiefly from the view of people who use services, carers and families.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "chosen priorities of others"
home asha "Asha"
run 0 asha plan new "The ward"
check_is 1 asha C7 no
reason nothing_chosen
add asha priority "Shorter lists" "state=chosen" "from_perspective+=council"
check_is 1 asha C7 no
reason goals_of_others
add asha priority "A door that closes" "state=chosen" "from_perspective+=uses services"
check_is 0 asha C7 yes
finish
