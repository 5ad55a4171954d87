# K-G: how it goes: done and achievements first, then stuck, late, due soon, what gets in the way.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "five actions in five states"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The allotment"
bring asha bill
early bill
for what in finished stuck late soon calm; do
    case $what in
    late) due=2031-03-01 ;;
    soon) due=2031-03-20 ;;
    *) due=2031-12-01 ;;
    esac
    add asha action "$what" "due=$due" "start=2031-01-01"
    eval "$what=\$id"
done
add asha obstacle "Slugs"
add asha obstacle "Frost" "state=gone"
run 0 asha note progress "$finished" "All planted" "status=done" "rag=green" "on=2031-03-05"
run 0 asha note progress "$stuck" "No water" "status=doing" "rag=red" "on=2031-03-05"
run 0 asha note achievement "$finished" "First beans" "on=2031-03-06" "for_person=Bill"
achievement=$(get .id)
run 0 asha review --on 2031-03-10
is '[.[].section] | join(", ")' \
    "done, achievements, stuck, late, due soon, in the way, no longer in the way, when" "in this order"
is '[.[] | select(.section == "stuck") | .text] | join("")' stuck
is '[.[] | select(.section == "late") | .rag] | join("")' unknown "we do not know"
is '[.[] | select(.section == "achievements") | .name] | join("")' "" "nobody's name without a yes"
meet bill asha
run 0 bill note consent "$achievement" "Yes, say it was me" "given=yes"
meet bill asha
run 0 asha review --on 2031-03-10
is '[.[] | select(.section == "achievements") | .name] | join("")' Bill "after a yes"

step "two updates made apart: the more worrying one first, until somebody has seen both"
run 0 asha note progress "$calm" "Fine" "status=doing" "rag=green" "on=2031-03-07"
run 0 bill note progress "$calm" "Not fine" "status=doing" "rag=amber" "on=2031-03-06"
run 0 bill note progress "$late" "Rain" "status=paused" "on=2031-03-06"
meet bill asha
same asha bill
dealt 1 asha bill
for who in asha bill dealt; do
    run 1 "$who" check K-G --on 2031-03-10
    reason two_updates
    reason late
    run 0 "$who" review --on 2031-03-10
    holds 'any(.[]; .section == "stuck" and .text == "late")' "paused counts as stuck"
done
run 0 bill note progress "$calm" "We talked" "status=doing" "rag=green" "on=2031-03-08"
run 1 bill check K-G --on 2031-03-10
no_reason two_updates

step "the day of the next review counts from the last one held"
run 0 asha set plan "first_review=2031-03-01" "review_every=P2W"
run 0 asha review --on 2031-03-10
is '.[-1].overdue' true
run 0 asha note review plan "We met" "held_on=2031-03-09" "decision=carry_on"
run 0 asha review --on 2031-03-10
is '.[-1].next' 2031-03-23
is '.[-1].overdue' false
holds 'all(.[]; .section != "done")' "nothing finished since then"
finish
