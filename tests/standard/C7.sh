# C7: goals chiefly from the view of people who use services, carers and families; who helps; and whether it worked.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "chosen priorities of others"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The ward"
bring asha bill
early bill
check_is 1 asha C7 no
reason nothing_chosen
add asha priority "Shorter lists" "state=chosen" "from_perspective+=council"
check_is 1 asha C7 no
reason goals_of_others
add asha priority "A door that closes" "state=chosen" "from_perspective+=uses services"
door=$id
check_is 0 asha C7 yes
run 0 asha check goals
is '.[0].criterion' C7 "by its other name"

step "the ranking opens on the sides it is for, and shows the others beside them, not averaged away"
run 0 asha set me "perspectives+=council"
run 0 bill set me "perspectives+=uses services"
for who in asha bill; do run 0 "$who" note consent plan "You may" "scope=perspective" "given=yes"; done
add asha criterion "Helps" "counts=1"
criterion=$id
add asha option "Locks inside" "for+=$door"
locks=$id
add asha option "A new wing" "for+=$door"
wing=$id
meet bill asha
run 0 asha rate "$locks" score 1 --by-criterion "$criterion"
run 0 asha rate "$wing" score 4 --by-criterion "$criterion"
run 0 bill rate "$locks" score 4 --by-criterion "$criterion"
run 0 bill rate "$wing" score 0 --by-criterion "$criterion"
meet bill asha
same asha bill
dealt 3 asha bill
for who in asha bill dealt; do
    run 0 "$who" rank "$door"
    holds "all(.[]; .perspectives[0].perspective == \"uses services\")" "whom it is for comes first, at $who's"
    holds "all(.[]; .perspectives | map(.perspective) | index(\"council\") != null)" "the others beside, at $who's"
    is '.[0].option' "$locks" "the idea whose lowest side is highest, at $who's"
    holds "any(.[]; .option == \"$wing\" and (.perspectives[] | select(.perspective == \"uses services\") | .median) == \"0.00\" and (.perspectives[] | select(.perspective == \"council\") | .median) == \"4.00\")" \
        "each side by itself, at $who's"
done
"$coplan" --home "$work/asha" rank "$door" >"$work/human" 2>&1
ok "on the screen too" sh -c "grep -n 'services\|council' '$work/human' | head -1 | grep -q services"

step "who helps, and whether it worked"
add asha action "Fit the locks" "serves+=$door" "lead=Asha" "helpers+=Bill"
action=$id
run 0 bill note review plan "We looked" "held_on=2031-06-01" "decision=carry_on" "learned=Ask first" 2>/dev/null
meet bill asha
run 0 asha show "$action"
is '.fields.helpers[0]' "$person_bill"
check_is 0 asha C10 yes
is '.[0].records | length' 1 "what a review taught is learning of the group"
finish
