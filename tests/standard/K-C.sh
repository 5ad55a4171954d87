# K-C: keeping in touch: people whose agreed time between contacts has passed are listed.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "Bill wants to hear from us every month"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The choir"
bring asha bill
run 0 bill set me "contact_every=P1M"
meet bill asha
run 0 asha who --overdue-contact
is '[.[].name] | join(",")' Bill "never in touch yet"
check_is 1 asha K-C no
reason never_contacted
run 0 asha note contact Bill "A visit" "on=2031-01-31"
run 0 asha who --overdue-contact --on 2031-02-28
is length 0 "a month that is too short ends it"
run 0 asha who --overdue-contact --on 2031-03-01
is '[.[].name] | join(",")' Bill
run 1 asha check K9 --on 2031-03-01
reason contact_overdue
finish
