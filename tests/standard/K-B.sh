# K-B: values, tensions, challenge with respect: what we hold dear is written down; a reply shows the words it answers; nobody's
# words can be deleted; people declare their interests, and the register prints.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "values are things people write down"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The mill"
bring asha bill
check_is 1 asha K-B no
reason nothing_of
add asha value "Nobody is left out"
value=$id
check_is 0 asha K-B yes
meet bill asha
early bill

step "a view that sees it differently stands beside it, and neither can be deleted"
run 0 bill note comment "$value" "Some of us like to be left alone"
comment=$(get .id)
meet bill asha
run 0 asha note reply "$comment" "people said so" "differently=yes"
run 0 asha set "$value" "state=set aside"
run 0 bill note reply "$value" "I agree with it"
meet bill asha
run 0 bill list --all
holds "any(.[]; .id == \"$value\" and .text == \"Nobody is left out\")" "the words are still there"
run 0 bill set "$value" "state=open"
check_is 0 bill K-B yes
run 0 bill show "$value"
is '.notes | length' 2 "and so is what was said about them"

step "a reply always shows the words it answers, on every device and in any order"
meet bill asha
same asha bill
dealt 3 asha bill
for who in asha bill dealt; do
    run 0 "$who" talk
    is '[.[] | select(.kind == "reply") | .quotes.text] | sort | join("; ")' "Nobody is left out; Some of us like to be left alone" "at $who's"
    holds "any(.[]; .differently == true and .depth == 1 and .about == \"$comment\")" "under what it answers, at $who's"
done
run 0 asha talk "$value"
is length 3
"$coplan" --home "$work/asha" talk "$value" >"$work/human" 2>&1
ok "as a form" grep -q "Asha sees it differently, because: people said so" "$work/human"
ok "with the words" grep -q "To Bill, who said: Some of us like to be left alone" "$work/human"
refused 2 not_author asha withdraw-words "$comment"

step "everyone says for themselves what they gain or lose; the register has everyone"
run 0 bill set me "interests=My brother runs the cafe" "values=Quiet"
refused_any 2 "not_yours bad_field" asha set "$person_bill" "interests=None"
add asha someone "Eve, the caretaker"
meet bill asha
same asha bill
for who in asha bill; do
    run 0 "$who" interests
    is length 3 "who declared nothing is there too, at $who's"
    holds 'any(.[]; .name == "Bill" and .interests[0].text == "My brother runs the cafe" and .values[0].text == "Quiet")' "Bill's own words, at $who's"
    holds 'any(.[]; .name == "Asha" and (.interests | length) == 0)' "Asha has said nothing yet"
done
"$coplan" --home "$work/asha" interests >"$work/human" 2>&1
ok "in words" grep -q "Bill: My brother runs the cafe" "$work/human"
ok "who said nothing" grep -q "Asha: has said nothing yet" "$work/human"
run 0 bill set me "interests=<b>&\"None\" of it"
meet bill asha
run 0 asha interests --html --out "$work/interests.html"
ok "the page to print" grep -q "&lt;b&gt;&amp;" "$work/interests.html"
not "nobody's words are markup" grep -q "<b>" "$work/interests.html"
"$coplan" --home "$work/asha" interests --html >"$work/second.html" 2>"$work/err"
ok "the same on the screen" cmp "$work/interests.html" "$work/second.html"
finish
