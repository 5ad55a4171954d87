# C4: challenging inequality: unfairness is marked as a concern or obstacle; actions that nobody who uses services leads or helps, and
# what a side found unfair; roles for people and not services alone.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "an action without anyone who uses services"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The surgery"
bring asha bill
check_is 1 asha C4 no
add asha action "Longer days" "lead=Asha" "role_created=A paid receptionist who has been a patient"
action=$id
run 1 asha check fairness
is '.[0].criterion' C4 "by its other name"
reason nobody_who_uses_services
holds '.[0].why | any(contains("Longer days"))' "by its words"
run 0 bill set me "perspectives+=uses services"
meet bill asha
run 0 asha set "$action" "helpers+=Bill"
check_is 0 asha C4 yes
run 0 asha show "$action"
is '.fields.role_created' "A paid receptionist who has been a patient" "the role it makes"

step "the actions that are left are not named: the others would say who uses services"
add asha action "Paint the wall" "lead=Asha"
wall=$id
check_is 1 asha C4 no
reason some_without_services
no_reason nobody_who_uses_services
run 0 asha export evidence --out "$work/evidence.md"
not "nor in the portfolio" grep -q '"Paint the wall": nobody who uses services' "$work/evidence.md"
ok "it says that there are some" grep -q "some actions: nobody who uses services" "$work/evidence.md"
run 0 bill note consent plan "You may" "scope=perspective" "given=yes"
meet bill asha
check_is 1 asha C4 no
reason nobody_who_uses_services
no_reason some_without_services
run 0 bill note consent plan "Not any more" "scope=perspective" "given=no"
meet bill asha
check_is 1 asha C4 no
reason some_without_services
run 0 asha set "$wall" "state=set aside"

step "unfairness is written down as what it is"
add asha concern "Forms ask for a fixed address"
add asha obstacle "People are talked down to" "type=attitudes" "effect=They do not come back" "blocks+=$action"
add asha obstacle "Three steps to the door" "type=access" "effect=Some cannot get in" "blocks+=$action"
run 0 asha list obstacle
is '[.[].fields.type] | sort | join(" ")' "access attitudes"
run 0 asha set "$action" "helpers-=Bill"
run 1 asha check fairness
reason nobody_who_uses_services
run 0 asha set "$action" "helpers+=Bill"

step "found unfair by one person: said, but not by whom"
meet bill asha
early bill
run 0 bill rate "$action" fairness 1
meet bill asha
same asha bill
for who in asha bill; do
    check_is 1 "$who" C4 no
    reason unfair_to_some
    no_reason unfair_to
done

step "by a side that lets itself be shown: by its name; on every device, in any order"
run 0 bill note consent plan "You may" "scope=perspective" "given=yes"
run 0 asha rate "$action" fairness 4
meet bill asha
same asha bill
dealt 2 asha bill
for who in asha bill dealt; do
    check_is 1 "$who" C4 no
    reason unfair_to
    holds '.[0].why | any(contains("uses services"))' "which side, at $who's"
done
run 0 bill rate "$action" fairness 3
check_is 0 bill C4 yes

step "on the idea it comes from, too, and 0 like 1"
add bill option "Open on Sundays"
run 0 bill set "$action" "from+=$id"
run 0 bill rate "$id" fairness 0
check_is 1 bill C4 no
reason unfair_to
run 0 bill rate "$id" fairness 2
check_is 0 bill C4 yes
finish
