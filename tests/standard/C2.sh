# C2: people take part in their own way: what they want is asked of them alone, and a day they cannot is flagged.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "nobody else can say how Bill wants to take part"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The market"
bring asha bill
check_is 0 asha C2 "needs people"
reason no_wants
run 0 asha set me "wants_format=standard"
run 0 bill set me "wants_format=easy_read" "wants_language=cy" "cannot_on+=2031-05-01"
refused_any 2 "not_yours bad_field" asha set "$person_bill" "wants_format=audio"
meet bill asha
check_is 0 asha C2 yes

step "a day he cannot"
add asha action "Put up the stalls" "lead=Bill" "due=2031-05-01"
action=$id
check_is 1 asha C2 no
reason date_clash
holds '.[0].why[0] | contains("Bill") and contains("2031-05-01")' "who and when"
run 0 asha set "$action" "due=2031-05-02"
check_is 0 asha C2 yes
finish
