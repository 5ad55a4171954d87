# P7: compare our ideas: the ranking is the same on every device, small groups are hidden, late scores are told.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "four people: three use services, one is from the council"
for who in asha bill chen dina; do
    home "$who" "$who"
done
run 0 asha plan new "The clinic"
for who in bill chen dina; do bring asha "$who"; done
early dina
for who in asha bill chen; do run 0 "$who" set me "perspectives+=uses services"; done
run 0 dina set me "perspectives+=council"
add asha priority "Short waits" "state=chosen"
priority=$id
add asha option "Longer days" "for+=$priority"
days=$id
add asha option "A phone line" "for+=$priority"
phone=$id
add asha criterion "Helps" "counts=2"
helps=$id
add asha criterion "Can be done" "counts=1"
done=$id
check_is 1 asha P7 no
reason criteria_count
reason not_scored
reason nothing_picked
add asha criterion "Will last"
for who in bill chen dina; do meet "$who" asha; done

step "scores on four devices apart: (4*2+1)/3 = 3.00 and so on"
# score WHO DAYS-HELPS DAYS-DONE PHONE-HELPS PHONE-DONE
score() {
    run 0 "$1" rate "$days" score "$2" --by-criterion "$helps"
    run 0 "$1" rate "$days" score "$3" --by-criterion "$done"
    run 0 "$1" rate "$phone" score "$4" --by-criterion "$helps"
    run 0 "$1" rate "$phone" score "$5" --by-criterion "$done"
}
score asha 4 1 2 2
score bill 2 2 3 0
score chen 1 dont_know 4 4
score dina 4 4 1 2
for pair in chen-dina bill-chen dina-asha asha-bill bill-dina chen-asha asha-dina bill-chen; do
    meet "${pair%-*}" "${pair#*-}"
done
same asha bill chen dina
dealt 1 asha bill chen dina
for who in asha bill chen dina dealt; do
    run 0 "$who" rank "$priority"
    cp "$work/out" "$work/rank.$who"
    is length 2
    is '[.[].text] | join(", ")' "Longer days, A phone line" "order at $who's"
    is '[.[].place | tostring] | join(" ")' "1 2"
    is '.[0].overall' 2.50 "middle of 3, 2, 1 and 4"
    is '.[0].lowest' 2.00 "middle of those who use services"
    is '.[0].perspectives[0].perspective' "uses services" "whom it is for comes first"
    is '.[0].perspectives[0].median' 2.00
    is '.[0].perspectives[1].hidden' true "one person of the council is not shown"
    is '.[0].perspectives[1].median' null
    is '.[0].dont_know' 1
    is '.[1].lowest' null "the lowest is that one person's: not told"
    cmp -s "$work/rank.asha" "$work/rank.$who" || bad "the ranking at $who's has other bytes"
done

step "whoever is alone on their side may say yes to being shown"
run 0 dina note consent plan "yes" "scope=perspective" "given=yes"
run 0 dina rank "$priority"
is '.[1].perspectives[1].hidden' false
is '.[1].lowest' 1.33
run 0 dina note consent plan "no" "scope=perspective" "given=no"
run 0 dina rank "$priority"
is '.[1].lowest' null "taken back"

step "a choice stands; scores that come in later are told"
run 0 asha set "$days" "state=chosen"
check_is 1 asha P7 no
reason picked_no_reason
run 0 asha note choice "$days" "It helps most people" "option=$days" "priority=$priority"
check_is 0 asha P7 yes
no_reason late_scores
run 0 asha rank "$priority"
is '[.[].late] | add' 0 "nothing came in late"
run 0 bill rate "$phone" score 4 --by-criterion "$done"
meet bill asha
run 0 asha rank "$priority"
is '[.[].late] | add' 1 "one score came in after we chose"
check_is 0 asha P7 yes
reason late_scores

step "a weight changed on two devices: the ranking is shown for each"
run 0 asha set "$done" "counts=3"
run 0 bill set "$done" "counts=2"
meet bill asha
for who in asha bill; do
    run 0 "$who" rank "$priority"
    is '.[0].other_weights | length' 1 "one other weight at $who's"
    is '.[0].other_weights[0].criterion' "$done"
done
refused 2 not_found asha rank "$days"
finish
