# C10: learning: what the group learned is noted; nobody is told that they must.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "nothing learned yet is for people to say"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The kitchen"
bring asha bill
check_is 0 asha C10 "needs people"
reason no_learning
run 0 bill note learning plan "Start with soup"
meet bill asha
check_is 0 asha C10 yes
is '.[0].records | length' 1
finish
