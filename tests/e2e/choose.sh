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
run 0 asha show "$action"
is .text "Plant trees"

finish
