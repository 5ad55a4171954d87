# P9: within our means, and specific: what, who, when, how we will know. Two devices spend the last money apart;
# two people name different leads apart; a day changed on both. Each shows, and each keeps the check from passing.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "an action that says nothing fails each point, by name"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The garden"
bring asha bill
early bill
add asha action "Open the garden on Sundays"
action=$id
check_is 1 asha P9 no
for point in P9.1 P9.2 P9.3 P9.4; do
    holds "any(.[]; .criterion == \"$point\" and .met == \"no\" and (.why | length) > 0)" "$point"
    holds "any(.[]; .criterion == \"$point\" and (.records | index(\"$action\")) != null)" "$point names the action"
done
reason no_lead
reason no_due
reason nobody_checks
reason no_first_review
"$coplan" --home "$work/asha" check P9 >"$work/human" 2>&1
ok "a line for each action" grep -q "Open the garden on Sundays:  P9.1 no details  P9.2 no lead  P9.3 no due  P9.4 .*nobody checks" "$work/human"
equal 1 "$(grep -c 'Open the garden on Sundays": nobody checks' "$work/human")" "a sub-point's reason stands under its point alone"

step "said in full, it is met"
run 0 asha set "$action" "details=Every Sunday from two to four" "lead=Asha" "start=2031-04-01" "due=2031-09-30" \
    "measure=Ten people come" "checked_by=Bill" "check_every=P1M"
run 0 asha set plan "first_review=2031-06-01" "reviewer=Bill" "if_behind=We meet within a week"
check_is 0 asha P9 yes
run 0 asha set "$action" "due=2031-03-01"
check_is 1 asha P9.3 no
reason due_before_start
"$coplan" --home "$work/asha" check P9 >"$work/human" 2>&1
ok "due before start, in words" grep -q "P9.1 ok  P9.2 ok  P9.3 due before start  P9.4 ok" "$work/human"
run 0 asha set "$action" "due=2031-09-30"

step "money and minutes asked and offered"
add asha resource "Grant" "amount=100000" "unit=pence"
grant=$id
add asha resource "Asha's Sundays" "amount=360" "unit=minutes" "owner=Asha"
run 0 asha set "$action" "costs+=$grant:80000" "effort_minutes=300"
check_is 0 asha P9 yes
run 0 asha set "$action" "effort_minutes=540"
check_is 1 asha P9 no
holds 'any(.[0].why[]; . == "Asha: 9 h asked, 6 h offered")' "Asha's time in words"
run 0 asha set "$action" "effort_minutes=300"
run 0 asha balance
holds 'any(.[]; .what == "all" and .pence_asked == 80000 and .pence_offered == 100000)' "money in all"
holds 'any(.[]; .what == "person" and .name == "Asha" and .minutes_asked == 300 and .minutes_offered == 360)' "Asha's time"

step "the last 200 pounds, spent on two devices apart: both actions are kept, both are named"
meet bill asha
add asha action "Print leaflets" "details=500 leaflets" "lead=Asha" "due=2031-05-01" "measure=Printed" \
    "checked_by=Bill" "check_every=P1M" "costs+=$grant:20000"
first=$id
add bill action "Buy seeds" "details=Beans" "lead=Bill" "due=2031-05-01" "measure=Bought" \
    "checked_by=Asha" "check_every=P1M" "costs+=$grant:20000"
second=$id
check_is 0 asha P9 yes
check_is 0 bill P9 yes
meet bill asha
same asha bill
dealt 1 asha bill
for who in asha bill dealt; do
    check_is 1 "$who" P9 no
    reason money_short
    holds "[.[0].reasons[] | select(.code == \"takes_from\") | .record] | contains([\"$first\", \"$second\"])" "both at $who's"
    holds 'any(.[0].why[]; . == "money: 1,200.00 needed, 1,000.00 offered (200.00 short)")' "in words"
done
run 0 bill set "$second" "costs-=$grant:20000"
check_is 0 bill P9 yes

step "two leads and two days, named apart: both show, and the action is not complete"
meet bill asha
run 0 asha set "$first" "lead=Bill" "due=2031-05-02"
run 0 bill set "$first" "lead=Asha" "due=2031-05-02"
run 0 bill set "$first" "due=2031-05-09"
run 0 bill set "$first" "lead="
meet bill asha
same asha bill
dealt 2 asha bill
for who in asha bill dealt; do
    check_is 1 "$who" P9 no
    reason two_leads
    reason two_dates
done

step "names of points"
refused 2 usage asha check P14
run 0 asha check P9.1
is length 1
refused_any 2 "bad_value" asha check --on 2031-02-30
finish
