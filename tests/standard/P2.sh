# P2: people name their own priorities, strengths, resources and worries; what was taken back cannot be spent.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "three people, three devices, five things each, no network; they meet in any order"
home asha "Asha"
home bill "Bill"
home chen "Chen"
run 0 asha plan new "The park"
bring asha bill
bring asha chen
early chen
run 0 asha set plan "perspectives_needed+=uses services" "perspectives_needed+=carer"
check_is 1 asha P2 no
reason nothing_of
reason perspective_silent
for who in asha bill chen; do
    add "$who" priority "Quiet, says $who"
    add "$who" strength "$who can cook" "owner=me"
    add "$who" concern "$who worries about the road"
    add "$who" resource "An hour of $who" "amount=60" "unit=minutes"
    add "$who" obstacle "No bench, says $who"
done
meet chen bill
meet bill asha
meet asha chen
meet bill chen
same asha bill chen
dealt 1 asha bill chen
for who in asha bill chen dealt; do
    run 0 "$who" list
    is length 15 "all fifteen at $who's"
done

step "every side that must be heard has spoken"
check_is 1 asha P2 no
reason perspective_silent
run 0 asha set me "perspectives+=uses services"
run 0 bill set me "perspectives+=carer"
meet bill asha
check_is 0 asha P2 yes

step "a resource is taken back on one device while an action spends it on another"
add asha resource "Van" "amount=5000" "unit=pence"
van=$id
meet bill asha
add bill action "Fetch the benches" "costs+=$van:5000"
action=$id
run 0 asha set "$van" "state=taken back"
meet bill asha
same asha bill
dealt 2 asha bill chen
for who in asha bill dealt; do
    check_is 1 "$who" P2 no
    reason taken_back_used
    holds ".[0].records | index(\"$action\") != null" "the action is named"
    holds 'any(.[0].why[]; contains("Fetch the benches") and contains("Van"))' "both by their words"
    run 0 "$who" list action
    is length 1 "the action is kept"
done
run 0 bill set "$action" "costs-=$van:5000"
check_is 0 bill P2 yes
finish
