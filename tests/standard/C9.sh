# C9: positive risk taking: only the person it is about says how much risk is all right; their no stops it.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a risk is written down in full"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "Living alone"
bring asha bill
early bill
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
dealt 1 asha bill
for who in asha bill dealt; do
    check_is 1 "$who" C9 no
    reason risk_stopped
    holds '.[0].reasons[] | select(.code == "risk_stopped") | .weight == "hard"' "no final page while it stands"
done

step "what a peer forges for him is kept, and nobody shows it or counts it"
home mallory "Mallory"
bring asha mallory
meet mallory asha
forged="I say that he accepts it"
meet bill asha
meet bill mallory
refused 2 not_yours mallory rate "$risk" accepted_level ok
run 0 mallory daemon stop
entry=$("$COPLAN_BIN/tests/e2e/forge" "$work/mallory" "$risk" accepted_level ok "$forged") || fatal "no forging"
serve mallory
meet mallory asha
meet bill asha
for who in asha bill mallory; do
    run 0 "$who" log
    holds "any(.[]; .entry == \"$entry\")" "the entry itself is kept at $who's"
    run 0 "$who" show "$risk"
    holds '[.views[] | select(.measure == "accepted_level")] | length == 1 and .[0].value == "not_ok"' "only his word is shown"
    run 1 "$who" check C9
    reason risk_stopped
    run 0 "$who" export json
    holds "(tostring | contains(\"$forged\")) | not" "nor in an export"
done
same asha bill mallory
dealt 2 asha bill mallory

step "somebody whom it affects speaks for themselves, and for nobody else"
run 0 asha set "$risk" "affects+=Mallory"
meet mallory asha
run 0 mallory rate "$risk" accepted_level ok_if --why "If we try it together first"
meet bill mallory
meet asha mallory
run 0 bill show "$risk"
holds '[.views[] | select(.measure == "accepted_level")] | length == 2' "both words are shown"
same asha bill mallory
dealt 3 asha bill mallory

step "how big it is: from to, in words, and no one number"
run 0 asha rate "$risk" likelihood 1
run 0 asha rate "$risk" impact 3
run 0 mallory rate "$risk" likelihood 4
run 0 mallory rate "$risk" impact 4
meet mallory asha
run 1 asha check C9
reason risk_range
holds 'any(.[].why[]; contains("from low to extreme"))' "the range in words"

step "a page that people agreed to cannot be agreed once he says no"
run 0 bill rate "$risk" accepted_level ok
meet bill asha
run 0 asha freeze --stage agreement --anyway "We try it now"
page=$(get .version)
meet bill asha
meet mallory asha
for who in asha bill mallory; do
    run 0 "$who" sign "$page" --agree
done
run 0 bill rate "$risk" accepted_level not_ok --why "Not on my own"
meet asha mallory
run 0 asha agreement "$page"
holds '.stopped == []' "she has not heard of it yet"
meet bill asha
meet mallory asha
for who in asha bill mallory; do
    run 0 "$who" agreement "$page"
    is .result "not agreed" "stopped at $who's"
    holds '.stopped | length == 1 and .[0].name == "Bill"' "by whom it is about"
done
run 0 bill rate "$risk" accepted_level ok_if --why "With somebody there"
meet bill asha
run 0 asha agreement "$page"
is .result agreed "his to take back as well"
same asha bill
dealt 4 asha bill mallory
finish
