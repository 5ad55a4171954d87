# C9: positive risk taking: only the person it is about says how much risk is all right; their no stops it.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a risk is written down in full"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "Living alone"
bring asha bill
meet bill asha
add asha risk "Cooking alone" "about_person=Bill"
risk=$id
check_is 1 asha C9 no
reason risk_lacks
run 0 asha set "$risk" "gain=Own kitchen" "harm=Burns" "early_signs=Tired" "if_it_happens=Ring Asha" \
    "other_options=Cook together" "review_on=2031-06-01"
check_is 0 asha C9 "needs people"
reason risk_not_asked

step "nobody says it for him"
refused 2 not_yours asha rate "$risk" accepted_level ok
meet bill asha
run 0 bill rate "$risk" accepted_level ok
meet bill asha
check_is 0 asha C9 yes

step "his no, arriving later, stops it on every device"
run 0 bill rate "$risk" accepted_level not_ok --why "Not yet"
check_is 0 asha C9 yes
meet bill asha
same asha bill
for who in asha bill; do
    check_is 1 "$who" C9 no
    reason risk_stopped
    holds '.[0].reasons[] | select(.code == "risk_stopped") | .weight == "hard"' "no final page while it stands"
done
finish
