# C6: needs and strengths side by side: whoever has needs listed has strengths too; the list is agreed by what people think of it.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a need of a person and of a group, and no strength"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The club"
bring asha bill
early bill
check_is 1 asha C6 no
add asha need "A lift home" "about_person=me"
lift=$id
add asha need "Somewhere dry" "about_group=young people"
add asha strength "Knows everyone" "about_person=me"
strength=$id
run 1 asha check strengths
is '.[0].criterion' C6
is '.[0].reasons | length' 1 "only the group lacks one"
reason needs_no_strengths
holds '.[0].why[0] | contains("Somewhere dry") and contains("young people")' "which need, and whose"
add asha strength "They mend bikes" "about_group=young people"
check_is 0 asha C6 yes

step "another group's strength is not theirs"
add asha need "Time to talk" "about_group=carers"
check_is 1 asha C6 no
add asha strength "They listen well" "about_group=carers"
check_is 0 asha C6 yes

step "three add apart and meet: all of them, on each device; agreed by views"
meet bill asha
add asha need "A kettle" "about_person=me"
add bill need "Quiet" "about_person=me"
add bill strength "Patience" "about_person=me"
run 0 bill rate "$lift" importance 4
run 0 asha rate "$lift" importance 3
meet bill asha
same asha bill
dealt 2 asha bill
for who in asha bill dealt; do
    check_is 0 "$who" C6 yes
    run 0 "$who" list need
    is length 5 "needs at $who's"
    run 0 "$who" list strength
    is length 4 "strengths at $who's"
    run 0 "$who" show "$lift"
    is '[.views[] | select(.measure == "importance")] | length' 2 "both views, at $who's"
done
run 0 asha set "$strength" "state=taken back"
run 0 asha list strength
holds 'length == 4' "kept"

step "needs and strengths side by side, by person and group"
run 0 asha strengths
is 'map(if .group == "" then .name else .group end) | sort | join(",")' "Asha,Bill,carers,young people"
is '.[] | select(.group == "carers") | [.person, .name, (.needs | map(.text) | join(",")), (.strengths | map(.text) | join(","))] | map(. // "-") | join(";")' \
    "-;;Time to talk;They listen well"
is '.[] | select(.name == "Asha") | [(.needs | map(.text) | sort | join(",")), (.strengths | length)] | join(";")' "A kettle,A lift home;0" \
    "what was taken back is not there"
"$coplan" --home "$work/asha" strengths >"$work/screen" 2>&1
ok "in words" grep -q "is good at, and can bring: nobody wrote any down. What could it be?" "$work/screen"
refused 2 usage asha strengths everything
finish
