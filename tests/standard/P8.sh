# P8: what is proposed is balanced (P8.1), fits the comparison (P8.2) and deals with what gets in the way (P8.3).
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "an action from an idea that was not chosen"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The school"
bring asha bill
early bill
check_is 1 asha P8 no
is '[.[].criterion] | join(" ")' "P8 P8.1 P8.2 P8.3"
run 0 asha set plan "perspectives_needed+=carer"
add asha action "Nothing from an idea" "why=It is there"
check_is 1 asha P8.1 no
reason perspective_no_views
run 0 asha set "$id" "state=dropped"
run 0 asha set plan "perspectives_needed-=carer"
add asha option "A quiet room"
option=$id
add asha action "Paint the room" "from+=$option"
action=$id
check_is 1 asha P8.2 no
reason option_not_chosen
run 0 asha set "$option" "state=chosen"
check_is 0 asha P8.2 yes
add asha action "Tell the paper"
check_is 1 asha P8.2 no
reason from_no_option
run 0 asha set "$id" "why=So that people hear of it"
check_is 0 asha P8.2 yes

step "a side that must be heard has said nothing of it"
run 0 asha set plan "perspectives_needed+=carer"
check_is 1 asha P8.1 no
reason perspective_no_views
run 0 bill set me "perspectives+=carer"
meet bill asha
run 0 bill rate "$option" commitment fine
meet bill asha
check_is 0 asha P8.1 yes
run 0 bill rate "$option" commitment cannot
meet bill asha
check_is 1 asha P8.1 no
reason some_cannot
no_reason perspective_cannot

step "'I do not know' is no view"
run 0 bill rate "$option" commitment dont_know
meet bill asha
check_is 1 asha P8.1 no
reason perspective_no_views
run 0 bill rate "$option" commitment fine
meet bill asha
check_is 0 asha P8.1 yes

step "something gets in the way and nobody deals with it"
add asha obstacle "The room is locked"
obstacle=$id
run 0 asha rate "$obstacle" impact 2
check_is 0 asha P8.3 yes
meet bill asha
run 0 bill rate "$obstacle" impact 4
meet bill asha
same asha bill
dealt 1 asha bill
for who in asha bill dealt; do
    check_is 1 "$who" P8.3 no
    reason not_tackled
done
run 0 asha set "$action" "tackles+=$obstacle"
check_is 0 asha P8.3 yes
run 0 asha set "$action" "tackles-=$obstacle"
run 0 asha set "$obstacle" "state=accepted"
check_is 0 asha P8.3 yes
finish
