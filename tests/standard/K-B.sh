# K-B: values, tensions, challenge with respect: what we hold dear is written down; nobody's words can be deleted.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "values are things people write down"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The mill"
bring asha bill
check_is 1 asha K-B no
reason nothing_of
add asha value "Nobody is left out"
value=$id
check_is 0 asha K-B yes
meet bill asha

step "a view that sees it differently stands beside it, and neither can be deleted"
run 0 bill note comment "$value" "Some of us like to be left alone"
comment=$(get .id)
meet bill asha
run 0 asha note reply "$comment" "I see it differently because people said so"
run 0 asha set "$value" "state=set aside"
meet bill asha
run 0 bill list --all
holds "any(.[]; .id == \"$value\" and .text == \"Nobody is left out\")" "the words are still there"
run 0 bill set "$value" "state=open"
check_is 0 bill K-B yes
run 0 bill show "$value"
is '.notes | length' 1 "and so is what was said about them"
finish
