# P12: formal agreement: met only when everyone who is asked has answered; one answer more or less changes it.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a page for comment is no final page"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The pond"
add asha action "Dig the pond" "lead=Asha"
bring asha bill
early bill
run 0 asha freeze --stage comment
"$coplan" --home "$work/asha" agreement >"$work/shown"
ok "the way to it is said" grep -q -F "coplan agreement --all" "$work/shown"
check_is 1 asha P12 no
reason no_final_page
check_is 1 asha P13 no
reason not_agreed

step "waiting for each, by name"
run 0 asha freeze --stage agreement --anyway "We know what is open"
version=$(get .version)
meet bill asha
check_is 1 asha P12 no
reason result
is '[.[0].reasons[] | select(.code == "waiting_for")] | length' 2 "both"
run 0 asha sign "$version" --agree --will all
check_is 1 asha P12 no
is '[.[0].reasons[] | select(.code == "waiting_for")] | length' 1 "one"
run 0 bill sign "$version" --worry "It may freeze"
meet bill asha
same asha bill
dealt 1 asha bill
for who in asha bill dealt; do check_is 0 "$who" P12 yes; done
check_is 0 asha P10 "needs people"
reason worry_not_talked

step "a copy for everyone who does something is still missing"
check_is 1 asha P13 no
reason not_given

step "an answer taken back"
run 0 bill withdraw "$version"
meet bill asha
check_is 1 asha P12 no
reason waiting_for
finish
