# Choosing between two wordings: what is kept is what was read, and it is said; words that do not stand any more are read in `show`.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# said HOME COMMAND... : what people see, in $work/said and $work/err
said() {
    said_home=$1
    shift
    last="coplan --home $said_home $*"
    "$coplan" --home "$work/$said_home" "$@" >"$work/said" 2>"$work/err" </dev/null
    status=$?
}

step "two of us change the details and the day, apart"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "A garden"
bring asha bill
add asha action "Plant trees"
action=$id
run 0 asha set "$action" "details=the very first words"
meet bill asha
run 0 bill daemon stop
serve bill
run 0 asha set "$action" "details=Asha's apples" "due=2031-09-09" "lead=Asha"
run 0 bill set "$action" "details=Bill's cherries" "due=2031-10-10" "lead=Bill"
meet bill asha
same asha bill

step "each wording stands with the command that keeps it, by its entry; a person is shown by name"
run 0 asha wordings
first=$(get '.[] | select(.field == "details") | .wordings[0].entry' | cut -c1-12)
second=$(get '.[] | select(.field == "details") | .wordings[1].entry' | cut -c1-12)
first_said=$(get '.[] | select(.field == "details") | .wordings[0].value')
second_said=$(get '.[] | select(.field == "details") | .wordings[1].value')
said asha wordings
for entry in "$first" "$second"; do
    ok "the command for $entry" grep -q "coplan choose $(printf %.12s "$action") details --keep $entry" "$work/said"
done
ok "names" grep -q "^    [12]\. Bill  *(Bill)" "$work/said"
refused 2 not_found asha choose "$action" details --keep 3
said asha choose "$action" details --keep 3
ok "where to look" grep -q "coplan wordings" "$work/err"

step "Bill keeps the second; then what Asha read as the first stands alone no more, and a number is refused"
said bill choose "$action" details --keep "$second"
ok "the words kept are said" grep -q "$second_said" "$work/said"
meet bill asha
same asha bill
refused 2 no_choice asha choose "$action" details --keep 1
refused 2 not_found asha choose "$action" details --keep "$first"
run 0 asha show "$action"
is .fields.details "$second_said" "nothing was written"
run 0 bill choose "$action" lead --keep 1
is '.value | length' 64

step "set over two wordings says which stood"
run 0 asha set "$action" "due=2031-11-11"
is '.settled | length' 1
is '.settled[0] | "\(.field) \([.wordings[].value] | sort | join(" "))"' "due 2031-09-09 2031-10-10"
run 0 asha set "$action" "due=2031-12-12"
is '.settled | length' 0
meet asha bill
run 0 bill set "$action" "measure=one"
run 0 asha set "$action" "measure=two"
meet asha bill
said bill set "$action" "measure=three"
ok "on the screen" grep -q "1\. .*(\(Asha\|Bill\))" "$work/said"
run 0 bill show "$action"
is .fields.measure three

step "the words not kept, and those from before, are read in show"
said asha show "$action"
ok "not kept" grep -q "not the words now.*$first_said" "$work/said"
ok "from before" grep -q "not the words now.*the very first words" "$work/said"
not "what stands is not told twice" grep -q "not the words now.*$second_said" "$work/said"
run 0 asha show "$action"
holds 'any(.history[].what.values[]?; .field == "due" and .value == "2031-09-09")'
run 0 asha log
holds 'all(.[]; .what | has("values") | not)' "the log of all is no longer for it"

step "a value that was taken out is told as that; the words of a thing are never empty"
meet asha bill
run 0 asha set "$action" "measure="
run 0 bill set "$action" "measure=four"
meet asha bill
said asha wordings
ok "taken out" grep -q "taken out" "$work/said"
refused 2 bad_field asha set "$action" "text="
refused 2 bad_field asha set plan "title="
refused 2 bad_field asha set "$action" "text= "
refused 2 bad_field asha set plan "title=$(printf '\302\240')"
refused 2 bad_field asha add need "  "
refused 2 bad_field asha plan new "  "
run 0 asha show "$action"
is .text "Plant trees"

step "two days in a calendar: the first, both in its words, and how many are told"
run 0 asha choose "$action" measure --write "five"
run 0 bill daemon stop
serve bill
run 0 asha set "$action" "due=2032-01-01"
run 0 bill set "$action" "due=2032-02-02"
run 0 asha set plan "first_review=2032-03-03"
run 0 bill set plan "first_review=2032-04-04"
meet asha bill
said asha export ics --out "$work/plan.ics"
ok "told" grep -q "2 place(s)" "$work/err"
tr -d '\r' <"$work/plan.ics" | sed -e ':a' -e 'N' -e '$!ba' -e 's/\n //g' >"$work/unfolded"
ok "the action's days" grep -q "DESCRIPTION:.*2032-0[12]-0[12]\\\\, 2032-0[12]-0[12].*coplan wordings" "$work/unfolded"
ok "the review's days" grep -q "DESCRIPTION:.*2032-0[34]-0[34]\\\\, 2032-0[34]-0[34].*coplan wordings" "$work/unfolded"
for who in asha bill; do run 0 "$who" export ics --out "$work/$who.ics"; done
ok "the same bytes on both" cmp "$work/asha.ics" "$work/bill.ics"
run 0 asha choose "$action" due --keep 1
run 0 asha choose plan first_review --keep 1
said asha export ics --out "$work/plan.ics"
not "nothing to tell then" grep -q "place(s)" "$work/err"

step "a field twice in one command is refused, and nothing is dropped without a word"
refused 2 bad_field asha add need "The first words" "text=other words"
refused 2 bad_field asha set "$action" "due=2032-01-01" "due=2032-02-02"
run 0 asha set "$action" "helpers=Asha" "helpers=Bill" "plain=x" "plain.cy=y" "csv:one=1" "csv:two=2"
run 0 asha list need
is length 0

step "blanks alone are nothing said: not words, not a reason, not what a check asks for"
nothing=" $(printf '\302\240\342\200\213')"
run 0 asha set "$action" "plain=some words" "plain.cy=geiriau" "csv:where=here"
run 0 asha set "$action" "plain=$nothing" "plain.cy=  " "csv:where=  "
run 0 asha show "$action"
is '[.fields.plain, .fields["plain.cy"], .fields["csv:where"]] | map(. // "gone") | join(",")' "gone,gone,gone"
refused 2 bad_field asha set plan "private_words+=  "
refused 2 bad_field asha set me "name=$nothing"
refused 1 not_ready asha freeze --stage agreement --anyway "$nothing"
add asha risk "Somebody falls" "about_person=Asha"
refused 2 bad_field asha note comment "$action" "$nothing"
run 0 asha rate "$id" accepted_level ok_if --why "$nothing"
run 0 asha show "$id"
holds '[.views[] | .why // ""] | all(. == "")' "no reason of blanks"
run 0 asha freeze --stage agreement --anyway "to see a no"
version=$(get .version)
refused 2 usage asha sign "$version" --no "$nothing"
refused 2 usage asha sign "$version" --agree --will-if "$action=$nothing"

step "and what another program writes of blanks is none either"
run 0 asha show plan
plan=$(get .id)
run 0 asha daemon stop
"$COPLAN_BIN/tests/e2e/forge" "$work/asha" "$plan" if_behind "$nothing" >/dev/null || fatal "no forging"
serve asha
run 1 asha check P9
holds 'any(.. | objects | .code? // ""; . == "no_if_behind")'
run 0 asha set plan "if_behind=we meet and look at it"
run 1 asha check P9
holds 'all(.. | objects | .code? // ""; . != "no_if_behind")'

step "set aside while somebody else changes it: no table and no file says that it is off"
meet asha bill
run 0 asha set "$action" "state=set aside"
run 0 bill set "$action" "details=Bill goes on"
meet asha bill
run 0 asha list action
is '.[0] | "\(.state) \(.edited_apart) \(.fields.state)"' "open true open"
"$coplan" --home "$work/asha" export csv --out "$work/plan.csv" >"$work/out" 2>"$work/err" || bad "export csv"
not "the table" grep -q "set aside" "$work/plan.csv"

step "how an action is done is said where somebody looks for it"
refused 2 bad_field asha set "$action" state=done
holds '.error.message | test("coplan note progress ID .*status=done")'
"$coplan" note --help >"$work/said" 2>&1
ok "in the help" grep -q "note progress .* status=done" "$work/said"
run 0 asha note progress "$action" "All planted" status=done
finish
