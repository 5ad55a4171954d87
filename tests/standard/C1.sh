# C1: working together: who is here, for which sides, and who is missing; tensions are named and talked about.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "every side that must be heard is shown, with no one yet where it is empty"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The garden"
bring asha bill
early bill
check_is 1 asha C1 no
reason no_perspectives_needed
run 0 asha set plan "perspectives_needed+=carer" "perspectives_needed+=council"
run 0 bill set me "perspectives+=carer"
meet bill asha
check_is 1 asha C1 no
reason no_one_yet
holds '.[0].why == ["council: no one yet"]' "in words"
run 0 asha who
holds 'any(.[]; .what == "perspective" and .perspective == "council" and .somebody == false and .needed == true)' "council"
holds 'any(.[]; .perspective == "carer" and .somebody == true and .hidden == true and .people == 0)' "one carer: no number"
holds 'all(.[] | select(.what == "person"); .perspectives == [])' "nobody's side is shown beside the name"
"$coplan" --home "$work/asha" who >"$work/human" 2>&1
ok "no one yet" grep -q "council: no one yet" "$work/human"

step "a final page warns of the empty side and asks for a reason, which it then says"
run 1 asha freeze --stage agreement
holds 'any(.error.reasons[]; . == "council: no one yet")' "not without a word"
run 0 asha freeze --stage agreement --anyway "The council comes in May"
run 0 asha text "$(get .version)"
holds '. | contains("nobody is in yet who speaks for: council")' "what was left open"
holds '. | contains("The council comes in May")' "and why"

step "a tension is named, and noted when it was talked about, twice over"
add asha priority "Quiet"
one=$id
add asha priority "Music"
two=$id
add asha concern "Quiet or music?" "tension+=$one" "tension+=$two"
concern=$id
run 0 asha set plan "perspectives_needed-=council"
check_is 1 asha C1 no
reason tension_open
meet bill asha
run 0 asha note negotiation "$concern" "Music until eight"
run 0 bill note negotiation "$concern" "Quiet after eight"
meet bill asha
same asha bill
dealt 1 asha bill
for who in asha bill dealt; do
    run 0 "$who" check partnership
    is '.[0].criterion' C1 "by its other name too"
    is '.[0].met' yes
    run 0 "$who" show "$concern"
    is '.notes | length' 2 "both notes are kept"
done
finish
