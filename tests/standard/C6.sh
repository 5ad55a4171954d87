# C6: needs and strengths side by side: whoever has needs listed has strengths too.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a need of a person and of a group, and no strength"
home asha "Asha"
run 0 asha plan new "The club"
check_is 1 asha C6 no
add asha need "A lift home" "about_person=me"
add asha need "Somewhere dry" "about_group=young people"
add asha strength "Knows everyone" "about_person=me"
run 1 asha check strengths
is '.[0].criterion' C6
is '.[0].reasons | length' 1 "only the group lacks one"
reason needs_no_strengths
add asha strength "They mend bikes" "about_group=young people"
check_is 0 asha C6 yes
finish
