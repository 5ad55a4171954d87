# K-D: what gets in the way and who could help: each obstacle has a type, and something offered of that type.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "an obstacle that nobody sorted, then one that nothing fits, then one that somebody could help with"
home asha "Asha"
run 0 asha plan new "The cafe"
check_is 1 asha K-D no
add asha obstacle "Forms"
obstacle=$id
check_is 1 asha K-D no
reason obstacle_no_type
run 0 asha set "$obstacle" "type=rules"
check_is 0 asha K-D "needs people"
reason who_could_help
add asha strength "Reads forms" "type=rules"
strength=$id
check_is 0 asha K-D yes
run 0 asha match
is '.[0].offers[0].id' "$strength"
run 0 asha set "$strength" "state=taken back"
check_is 0 asha K-D "needs people"
finish
