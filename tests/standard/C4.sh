# C4: challenging inequality: actions that nobody who uses services leads or helps; what a side found unfair.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "an action without anyone who uses services"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The surgery"
bring asha bill
check_is 1 asha C4 no
add asha action "Longer days" "lead=Asha"
action=$id
run 1 asha check fairness
is '.[0].criterion' C4 "by its other name"
reason nobody_who_uses_services
run 0 bill set me "perspectives+=uses services"
meet bill asha
run 0 asha set "$action" "helpers+=Bill"
check_is 0 asha C4 yes

step "found unfair by one person: said, but not by whom"
meet bill asha
run 0 bill rate "$action" fairness 1
meet bill asha
same asha bill
for who in asha bill; do
    check_is 1 "$who" C4 no
    reason unfair_to_some
    no_reason unfair_to
done
run 0 bill rate "$action" fairness 3
check_is 0 bill C4 yes
finish
