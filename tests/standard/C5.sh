# C5: hope and recovery: a priority may say what hope looks like; steps on the way are recognised.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "what would hope look like?"
home asha "Asha"
run 0 asha plan new "Mornings"
add asha priority "Getting up" "state=chosen"
priority=$id
check_is 1 asha C5 no
reason no_hope
run 0 asha set "$priority" "hope=Coffee in the sun"
check_is 0 asha C5 yes

step "two achievements for one step are both kept, and show it"
run 0 asha note achievement "$priority" "Up at nine"
run 0 asha note achievement "$priority" "Up at nine, with coffee"
check_is 0 asha C5 yes
is '.[0].records | length' 3
finish
