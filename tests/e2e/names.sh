# Before a page is made: names and health words in its free text are told, in the order of the page, and hold nothing up.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

home asha "Asha Patel"
home bill "Bill"
run 0 asha plan new "The garden"
bring asha bill

step "nothing to tell; who leads an action is no word in free text"
add asha action "Dig the beds" "lead=Bill"
action=$id
run 0 asha freeze --stage comment
is '.names' '[]'
is '.more_names' 0

step "names, parts of names, health words and the plan's own words, each once in a field"
run 0 asha set plan "private_words+=Tuesday group" "private_words+=Ward 7"
run 0 asha set "$action" "details=Ask Patel and Bill. Bill's depression group, the tuesday-group" "text.cy=Ward 7 a Bill"
meet bill asha
for who in asha bill; do
    run 0 "$who" freeze --stage comment
    is '[.names[] | .field + ":" + .word] | join(", ")' \
        "text.cy:Ward 7, text.cy:Bill, details:Patel, details:Bill, details:depression, details:tuesday-group" "in order"
    holds "all(.names[]; .id == \"$action\")" "where they stand"
    cp "$work/out" "$work/$who.names"
done
ok "the same on both machines" cmp "$work/asha.names" "$work/bill.names"
run 0 asha text "$(get .version)"
holds '. | contains("private_words") | not' "the list itself stands on no page"
holds '. | contains("Tuesday group") | not' "nor do its words"
"$coplan" --home "$work/asha" freeze --stage comment >"$work/human" 2>&1 </dev/null
ok "in words" grep -q "cannot be unsaid" "$work/human"
ok "with the word" grep -q '"depression"' "$work/human"

step "the reason of --anyway is free text too; a page for agreement asks the same"
run 1 asha freeze --stage agreement
run 0 asha freeze --stage agreement --anyway "Bill was in hospital with trauma"
holds 'any(.names[]; .field == "anyway" and .word == "trauma")' "why"
holds 'any(.names[]; .field == "details" and .word == "Patel")' "details"

step "whoever sits there is asked first, and a no makes nothing"
run 0 asha set "$action" "details=Talk about trauma"
# asked ANSWER : freezing on a terminal of its own
asked() {
    printf '%s\n' "$1" | script -q -e -c "'$coplan' --home '$work/asha' freeze --stage comment" /dev/null >"$work/human" 2>&1
    status=$?
}
if command -v script >/dev/null; then
    asked n
    equal 1 "$status" "a no"
    ok "the question" grep -q "Do you want these words in it" "$work/human"
    ok "nothing was made" grep -q "nothing was made" "$work/human"
    ok "no page" sh -c "! grep -q 'will not change any more' '$work/human'"
    asked y
    equal 0 "$status" "a yes"
    ok "the page" grep -q "will not change any more" "$work/human"
fi

step "where nothing is left open no WHY is on the page, and that is said"
run 0 asha freeze --stage comment --anyway "Quagga summer"
is .left_open 0 "nothing is"
run 0 asha text "$(get .version)"
holds '. | contains("Quagga") | not' "not on the page"
"$coplan" --home "$work/asha" freeze --stage comment --anyway "Quagga summer" >"$work/human" 2>&1 </dev/null
ok "it says so" grep -q "is not on this page" "$work/human"
run 0 asha freeze --stage agreement --anyway "Quagga summer"
holds '.left_open > 0' "something is"
run 0 asha text "$(get .version)"
holds '. | contains("Quagga")' "on the page"
"$coplan" --home "$work/asha" freeze --stage agreement --anyway "Quagga summer" >"$work/human" 2>&1 </dev/null
not "no such word" grep -q "is not on this page" "$work/human"

step "odd words of the plan's own"
refused_any 2 "bad_field bad_value bad_text" asha set plan "private_words+=two
lines"
refused 2 bad_field asha set plan 'private_words+='
run 0 asha set plan 'private_words+=*' 'private_words+==1+1'
run 0 asha freeze --stage comment
holds 'any(.names[]; .word == "trauma")' "still told"
finish
