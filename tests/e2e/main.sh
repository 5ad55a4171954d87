# The main job: three homes, an imported plan, edits apart, meetings in every order, two wordings settled by one
# choice. Uses a real plan from ../shared/samples where that folder is, and always one of our own.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

sample="$COPLAN_SRC/../shared/samples/dfe-workload-wellbeing-action-plan.csv"

# bring_back FILE ROWS : imports into a plan of its own at a home of its own and exports the same bytes
bring_back() {
    bring_home="import$3"
    step "import and export $(basename "$1") byte for byte"
    home "$bring_home" "Asha"
    run 0 "$bring_home" plan new "Imported"
    run 0 "$bring_home" import "$1"
    run 0 "$bring_home" list action
    is length "$2" "actions imported"
    holds 'all(.[]; .fields | keys | any(startswith("csv:")))' "columns of their own are kept as csv:NAME"
    run 0 "$bring_home" export csv --out "$work/back.csv"
    ok "the exported file is the imported one" cmp "$1" "$work/back.csv"
    "$coplan" --home "$work/$bring_home" export csv >"$work/back2.csv" 2>"$work/err"
    ok "without --out the same goes to stdout" cmp "$1" "$work/back2.csv"
    run 0 "$bring_home" daemon stop
}
bring_back "$data/garden.csv" 4 1
plan_file="$data/garden.csv"
if [ -f "$sample" ]; then
    bring_back "$sample" 5 2
    plan_file=$sample
else
    echo "   (no ../shared/samples here: only our own plan is used)"
fi

step "three homes; the first imports a plan and invites the others"
home asha "Asha"
home bill "Bill"
home chen "Chen"
run 0 asha plan new "A quiet street and a garden"
keys . plan
plan=$(get .plan)
run 0 asha import "$plan_file"
run 0 asha list action
rows=$(get length)
action=$(get '.[0].id')
bring asha bill
bring asha chen
run 0 bill people
address asha
run 0 chen sync "$address"
run 0 chen people
is length 3 "chen knows three people"
is '[.[] | select(.standing)] | length' 3 "all three stand"
run 0 bill list action
is length "$rows" "bill has the imported actions"

step "the others export the same bytes as were imported"
for who in bill chen; do
    run 0 "$who" export csv --out "$work/$who.csv"
    ok "$who exports the imported file" cmp "$plan_file" "$work/$who.csv"
done

rounds() {
    number=0
    while read -r first second third; do
        number=$((number + 1))
        step "round $number: edits apart, then the meetings $first, $second, $third"
        add asha priority "Quiet evenings $number"
        priority=$id
        add bill strength "Bill can weld, $number"
        add chen obstacle "The gate is locked, $number"
        run 0 asha set "$action" "text=Words by Asha, $number"
        run 0 bill set "$action" "text=Words by Bill, $number"
        run 0 chen set "$action" "plain=Easy words by Chen, $number"
        for pair in $first $second $third; do
            meet "${pair%-*}" "${pair#*-}"
        done
        same asha bill chen
        for who in asha bill chen; do
            run 0 "$who" wordings
            is length 1 "$who is shown one field with two wordings"
            is '.[0].id' "$action"
            is '.[0].field' text
            is '[.[0].wordings[].value] | sort | join("|")' "Words by Asha, $number|Words by Bill, $number" \
                "$who is shown both"
            keys '.[0].wordings[0]' value by entry
            keys '.[0]' id field wordings suggestion
            run 0 "$who" list action
            is ".[] | select(.id == \"$action\") | .wordings.text | length" 2 "the list of $who shows both"
            is ".[] | select(.id == \"$action\") | .fields.plain" "Easy words by Chen, $number"
            run 0 "$who" show "$priority"
            is .text "Quiet evenings $number"
            run 0 "$who" status
            is '.plans[0].wordings' 1
        done
        run 0 bill wordings
        first_shown=$(get '.[0].wordings[0].value')
        step "round $number: one choice settles it for all"
        case $number in
        1 | 4) settled=$first_shown && run 0 chen choose "$action" text --keep 1 ;;
        2 | 5)
            keep=$(get '.[0].wordings[1].entry')
            settled=$(get '.[0].wordings[1].value')
            run 0 chen choose "$action" text --keep "$keep"
            ;;
        *) settled="Words we chose together, $number" && run 0 chen choose "$action" text --write "$settled" ;;
        esac
        keys . id entry
        for pair in $third $first $second; do
            meet "${pair%-*}" "${pair#*-}"
        done
        same asha bill chen
        for who in asha bill chen; do
            run 0 "$who" wordings
            is length 0 "no two wordings left for $who"
            run 0 "$who" show "$action"
            is .text "$settled" "$who shows the chosen words"
        done
    done
}
rounds <<'ORDERS'
asha-bill bill-chen chen-asha
asha-chen bill-chen bill-asha
bill-chen asha-bill asha-chen
bill-asha chen-asha chen-bill
chen-asha asha-bill bill-chen
chen-bill chen-asha asha-bill
ORDERS

step "equal machines need one round trip and hand over nothing"
address bill
run 0 asha sync "$address"
is length 1 "one row for one peer and one plan"
keys '.[0]' peer person plan in_sync sent received bytes_out bytes_in round_trips missing
is '.[0].plan' "$plan"
is '.[0].person' "$person_bill" "the person met is Bill"
is '.[0].in_sync' true
is '.[0].sent' 0
is '.[0].received' 0
is '.[0].missing' 0
is '.[0].round_trips' 1
holds '.[0] | .bytes_out > 0 and .bytes_in > 0' "bytes are counted"

step "set aside here and edited there: back on the list; set aside alone: off it"
add asha need "Somewhere to sit"
need=$id
add asha need "More parking"
parking=$id
meet asha bill
run 0 asha set "$need" "state=set aside"
run 0 asha set "$parking" "state=set aside"
run 0 bill set "$need" "plain=A bench"
meet bill asha
for who in asha bill; do
    run 0 "$who" list need
    holds "any(.[]; .id == \"$need\")" "the need that was edited apart is on the list of $who"
    holds "all(.[]; .id != \"$parking\")" "the other is not"
    run 0 "$who" list need --all
    holds "any(.[]; .id == \"$parking\")" "with --all it is"
done
same asha bill

step "a list longer than one entry can take away from is emptied by one command"
for tens in 0 1 2 3 4 5 6 7; do
    # shellcheck disable=SC2046  # one word each
    run 0 asha set plan $(for one in 0 1 2 3 4 5 6 7 8 9; do echo "perspectives_needed+=side$tens$one"; done)
done
run 0 asha digest
entries=$(get .entries)
run 0 asha set plan "perspectives_needed=side33"
run 0 asha show plan
holds '.fields.perspectives_needed == ["side33"]' "one is left of 80"
run 0 asha digest
equal 2 "$(($(get .entries) - entries))" "entries that it took"
meet asha bill
same asha bill

step "the daemons lived through all of it"
for who in asha bill chen; do
    alive "$who"
    run 0 "$who" daemon stop
    gone "$(cat "$work/$who.pid")" || bad "the daemon of $who did not end after daemon stop"
done
finish
