# P6: how far people would go, and what everyone can live with. Nobody is outvoted.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "three people, three ideas"
home asha "Asha"
home bill "Bill"
home chen "Chen"
run 0 asha plan new "The meadow"
bring asha bill
bring asha chen
early chen
add asha priority "Bees" "state=chosen"
priority=$id
for idea in Flowers Hives Mowing; do
    add asha option "$idea" "for+=$priority"
    eval "option_$idea=\$id"
done
check_is 1 asha P6 no
reason commitment_missing
meet bill asha
meet chen asha
run 0 asha rate "$option_Flowers" commitment lead
run 0 bill rate "$option_Flowers" commitment help
run 0 chen rate "$option_Flowers" commitment fine
run 0 asha rate "$option_Hives" commitment fine
run 0 bill rate "$option_Hives" commitment fine
run 0 chen rate "$option_Hives" commitment cannot --why "I am allergic"
run 0 asha rate "$option_Mowing" commitment lead
run 0 bill rate "$option_Mowing" commitment unsure
for pair in bill-asha chen-asha bill-chen asha-bill; do meet "${pair%-*}" "${pair#*-}"; done
same asha bill chen
dealt 1 asha bill chen

step "common ground first, then the one who cannot, with the reason"
for who in asha bill chen; do
    run 0 "$who" common-ground "$priority"
    is '[.[].text] | join(" ")' "Flowers Hives Mowing" "order at $who's"
    is '[.[].ground] | join(", ")' "common ground, one cannot, split" "what they are"
    is '.[1].name' Chen
    is '.[1].why' "I am allergic"
    cp "$work/out" "$work/ground.$who"
done
ok "the same bytes everywhere" cmp -s "$work/ground.asha" "$work/ground.chen"
check_is 1 asha P6 no
run 0 chen rate "$option_Mowing" commitment fine
run 0 chen check P6
is '.[0].met' yes "all answered, and one idea everyone can live with"

step "one person's view changes only the line that depends on it"
run 0 chen rate "$option_Hives" commitment dont_know
run 0 chen common-ground "$priority"
is '[.[] | select(.text == "Flowers") | .ground] | join("")' "common ground"
is '[.[] | select(.text == "Hives") | .ground] | join("")' "not enough answers"

step "nobody sees the others' answers before their own, when the group wants it so"
run 0 asha set plan "results_shown=after_answering"
add asha option "Ponds" "for+=$priority"
ponds=$id
run 0 asha rate "$ponds" commitment help
meet bill asha
run 0 bill common-ground
holds "any(.[]; .option == \"$ponds\" and .answer_first == true and (has(\"ground\") | not))" "hidden until Bill answers"
run 0 bill rate "$ponds" commitment fine
run 0 bill common-ground
holds "any(.[]; .option == \"$ponds\" and .answer_first == false)" "shown after"
refused 2 not_found asha common-ground 0123456789ab
finish
