# P5: different ways to do each: two real ideas and "do nothing".
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "one idea is not enough"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The bus"
bring asha bill
early bill
add asha priority "A bus on Sundays" "state=chosen"
priority=$id
add asha option "Ask the company" "for+=$priority"
first=$id
check_is 1 asha P5 no
reason few_options
reason no_do_nothing

step "two ideas and what happens if we do nothing"
meet bill asha
add bill option "Ask the company nicely" "for+=$priority" "pilot=yes"
second=$id
add bill inaction "Nobody gets to town" "about+=$priority"
meet bill asha
same asha bill
dealt 1 asha bill
for who in asha bill dealt; do
    check_is 0 "$who" P5 yes
    holds ".[0].records | contains([\"$first\", \"$second\"])" "both ideas, much alike, are kept"
    holds '.[0].reasons | any(.code == "looks_alike" and .weight == "remark")' "and that they look alike is a hint"
done

step "do nothing as an idea counts as that row, and not as a real one"
add asha option "Do nothing" "for+=$priority" "do_nothing=yes"
check_is 0 asha P5 yes
run 0 asha set "$second" "state=combined"
check_is 1 asha P5 no
reason few_options
finish
