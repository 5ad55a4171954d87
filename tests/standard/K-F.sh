# K-F: choosing and planning craft: actions that say "liaise", "explore", "ongoing" or have no day are flagged.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "too vague"
home asha "Asha"
run 0 asha plan new "The office"
check_is 1 asha K-F no
add asha action "Liaise with partners" "due=2031-05-01"
vague=$id
add asha action "Paint the explorer's room" "due=2031-05-01"
add asha action "Meet"
check_is 1 asha K-F no
is '[.[0].reasons[] | select(.code == "vague")] | length' 1 "a word, not a part of one"
holds '.[0].why[0] | contains("liaise")' "the word is named"
reason no_due
run 0 asha prompts "$vague"
is '[.[] | select(.prompt == "clear") | .reasons[].code] | join(" ")' "no_details vague" "the five questions say so too"
run 0 asha set "$vague" "details=Ring the school and the surgery each Monday"
run 0 asha set "$id" "repeats=weekly"
check_is 0 asha K-F yes

step "each of the vague words, in any case of letters, and on two devices alike"
home bill "Bill"
bring asha bill
early bill
for text in "EXPLORE options" "Ongoing support" "To liaise, weekly"; do
    add bill action "$text" "due=2031-05-01"
done
add bill action "Onward to Exploreton" "due=2031-05-01"
meet bill asha
same asha bill
dealt 3 bill asha
for who in asha bill dealt; do
    check_is 1 "$who" K-F no
    is '[.[0].reasons[] | select(.code == "vague") | .args[1] | ascii_downcase] | sort | join(" ")' "explore liaise ongoing" "at $who's"
done
finish
