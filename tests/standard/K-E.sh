# K-E: supporting change: a small test first; whether the guides help is for people to say.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "no idea is a small test"
home asha "Asha"
run 0 asha plan new "The yard"
check_is 1 asha K-E no
reason no_small_test
add asha option "One Sunday first" "pilot=yes"
check_is 0 asha K-E "needs people"
reason guides_for_people
finish
