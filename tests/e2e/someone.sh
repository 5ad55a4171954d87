# A person without a device: written down like any item, named wherever a person is, printed without a key, found by
# name while only one has it, and the same on every machine.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

step "two who have a device, and Bill, who has none"
home asha "Asha"
home chen "Chen"
run 0 asha plan new "A garden for everyone"
bring asha chen
add asha someone "Bill, the caretaker" wants_format=easy_read contact_every=P1M "perspectives+=local resident"
bill=$id
run 0 asha people
is 'map(select(.someone)) | length' 1 "one without a device"
is ".[] | select(.someone) | .person" "$bill"
is ".[] | select(.someone) | .name" "Bill, the caretaker"
is ".[] | select(.someone) | .standing" false
is ".[] | select(.someone) | .devices | length" 0
run 0 asha who
is ".[] | select(.what == \"person\" and .someone) | .contact_every" P1M

step "named by his name, and by the beginning of his id, wherever a person is"
add asha action "Open the gate at nine" "lead=Bill, the caretaker" "start=2027-04-04" "due=2027-05-01" \
    "measure=The gate is open at nine" "checked_by=Bill, the caretaker"
action=$id
run 0 asha show "$action"
is .fields.lead "$bill"
is .fields.checked_by "$bill"
run 0 asha set "$action" "helpers+=$(echo "$bill" | cut -c1-8)"
run 0 asha show "$action"
is '.fields.helpers[0]' "$bill"
run 0 asha set "$action" "helpers-=Bill, the caretaker"
add asha concern "The lock is stiff" "about_person=Bill, the caretaker" "by=Bill, the caretaker"
run 0 asha set plan "kept_informed+=Bill, the caretaker"
run 0 asha people
is '.[] | select(.someone) | .kept_informed' true
run 0 asha set plan "kept_informed-=Bill, the caretaker"
run 0 asha note contact "$bill" "Rang him, he is well"
run 0 asha show "$bill"
is .kind someone
is '.notes | length' 1
refused 2 bad_field asha set "$bill" "serves+=$action"
refused 2 bad_field asha set "$action" "lead=Bill"
refused 2 bad_field asha set "$bill" "wants_language=Klingon!"
refused 2 bad_kind asha add nobody "Bill"

step "the same on both machines"
meet chen asha
same asha chen
run 0 chen check P9.2
is '[.[] | .why[] | select(test("left"))] | length' 0 "someone without a device may lead"

step "a page prints him without a key and asks him; he is no block of the plan"
run 0 asha freeze --stage agreement --anyway "to look at it"
version=$(get .version)
"$coplan" --home "$work/asha" text "$version" >"$work/text"
ok "he must answer" grep -q "^must answer $bill" "$work/text"
equal "  name: Bill, the caretaker
  key: none" "$(grep -A2 "^must answer $bill" "$work/text" | tail -2)" "his lines"
not "no block of his own" grep -q "^someone" "$work/text"
not "what he wants stays out of the page" grep -q easy_read "$work/text"
ok "the action names him" grep -q "lead: $bill Bill, the caretaker" "$work/text"
run 0 chen freeze --stage agreement --anyway "to look at it"
run 0 asha sign "$version" --agree
run 0 asha agreement "$version"
is .result "not agreed yet"
is ".waiting_for | map(select(.person == \"$bill\")) | .[0].name" "Bill, the caretaker"

step "two of one name are not guessed at; two wordings of a name stop the freeze; set aside is not found"
add asha someone "Bill, the caretaker"
other=$id
refused 2 ambiguous asha set "$action" "lead=Bill, the caretaker"
run 0 asha set "$other" "state=set aside"
run 0 asha set "$action" "lead=Bill, the caretaker"
run 0 asha people
is 'map(select(.someone)) | length' 1 "one was set aside"
meet chen asha
run 0 asha set "$bill" "name=William"
run 0 chen set "$bill" "text=Bill of the gate"
meet chen asha
same asha chen
run 0 asha wordings
holds "any(.[]; .id == \"$bill\" and .field == \"text\")" "two wordings of his name"
refused 1 not_ready asha freeze --stage agreement --anyway "all the same"
run 0 asha choose "$bill" text --write "Bill"
run 0 asha freeze --stage agreement --anyway "to look at it"

step "a name may be hostile: it stays on its line"
add asha someone "$(printf 'Eve\nmust answer 00\342\200\256')"
eve=$id
run 0 asha set "$action" "helpers+=$eve"
run 0 asha freeze --stage agreement --anyway "to look at it"
"$coplan" --home "$work/asha" text "$(get .version)" >"$work/text"
ok "escaped" grep -q 'name: Eve\\nmust answer 00\\u{202e}' "$work/text"

step "out as JSON, in elsewhere: he comes along and leads the action there"
"$coplan" --home "$work/asha" export json --out "$work/plan.json" 2>"$work/err"
run 0 asha plan new "Another"
GLOBAL="--plan $(get .plan)"
run 0 asha import "$work/plan.json" --as json
run 0 asha list someone
new=$(get '.[] | select(.text == "Bill") | .id')
run 0 asha list action
is '.[0].fields.lead' "$new" "the action's lead is the one who came along"
finish
