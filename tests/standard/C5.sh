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

step "two achievements for one step are both kept, and show it; nobody's name without their yes, in any order"
home bill "Bill"
bring asha bill
meet bill asha
early bill
run 0 asha note achievement "$priority" "Up at nine" "for_person=Bill" "how_to_celebrate=A card, no speech"
step=$(get .id)
run 0 bill note achievement "$priority" "Up at nine, with coffee"
meet bill asha
same asha bill
dealt 1 asha bill
for who in asha bill dealt; do
    check_is 0 "$who" C5 yes
    is '.[0].records | length' 3 "both, at $who's"
    run 0 "$who" review
    is '[.[] | select(.section == "achievements")] | length' 2 "both in the review, at $who's"
    holds 'all(.[] | select(.section == "achievements"); (.name // "") == "")' "as a member, at $who's"
done
run 0 asha note consent "$step" "I say yes for Bill" "given=yes"
meet bill asha
run 0 bill review
holds 'all(.[] | select(.section == "achievements"); (.name // "") == "")' "nobody else can say yes"
run 0 bill note consent "$step" "Yes" "given=yes"
meet bill asha
run 0 asha review
holds 'any(.[] | select(.section == "achievements"); .name == "Bill")' "after Bill's own yes"
run 0 asha show "$priority"
holds 'any(.notes[]; .fields.how_to_celebrate == "A card, no speech")' "in the way Bill likes"
finish
