# Two wordings whose changes keep apart: a suggestion, the same on both devices, which nobody takes but a person.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

home asha Asha
home bill Bill
run 0 asha plan new "Suggestions"
bring asha bill
add asha action "Meet on Monday at ten by the old gate"
apart=$id
add asha action "Paint the red door"
close=$id
add asha action "Plant trees" details="The first words
and a second line of words"
other=$id
meet bill asha

step "edits apart"
run 0 asha set "$apart" "text=Meet on Tuesday at ten by the old gate"
run 0 bill set "$apart" "text=Meet on Monday at eleven by the old green gate"
run 0 asha set "$close" "text=Paint the blue door"
run 0 bill set "$close" "text=Paint the green door"
run 0 asha set "$other" due=2027-03-01 "details=The very first words
and a second line of words"
run 0 bill set "$other" due=2027-04-01 "details=The first words
and a second line of new words"
meet asha bill

for who in asha bill; do
    step "$who is shown the suggestion where there is one"
    run 0 "$who" wordings
    is "[.[] | select(.id == \"$apart\")][0].suggestion" "Meet on Tuesday at eleven by the old green gate"
    is "[.[] | select(.id == \"$close\")][0].suggestion" null "changes of one word do not go together"
    is "[.[] | select(.field == \"due\")][0].suggestion" null "no suggestion for a day"
    is "[.[] | select(.field == \"details\")][0].suggestion" "The very first words
and a second line of new words"
    run 0 "$who" show "$apart"
    is '.fields.text' "$(get '.wordings.text[0].value')" "nothing takes it by itself"
    "$coplan" --home "$work/$who" wordings >"$work/screen" 2>&1
    ok "on the screen it is called a suggestion" grep -q "a suggestion, both together: Meet on Tuesday at eleven" "$work/screen"
done

step "a person takes it, or is told that there is none"
refused 2 no_suggestion bill choose "$close" text --suggestion
refused 2 usage bill choose "$close" text --suggestion --keep 1
refused 2 no_suggestion bill choose "$other" due --suggestion
run 0 bill choose "$apart" text --suggestion
refused 2 no_suggestion bill choose "$apart" text --suggestion
meet bill asha
for who in asha bill; do
    run 0 "$who" show "$apart"
    is .text "Meet on Tuesday at eleven by the old green gate"
    is '.wordings | length' 0
done
same asha bill
finish
