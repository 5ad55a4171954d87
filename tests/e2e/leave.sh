# Leaving: by the person alone and with their passphrase; everybody sees it, nobody asks them any more, their machine stops
# sending, what they wrote stays; they may be invited again. A leaving that somebody else made up counts nowhere.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_proof.sh"
echo "a red kite" >"$work/bill.pass"
echo "wrong" >"$work/wrong.pass"

step "three people; bill has two devices and a passphrase"
home asha Asha
home chen Chen
GLOBAL="--passphrase-file $work/bill.pass"
run 0 bill init --name Bill
bill=$(get .person)
run 0 bill unlock
GLOBAL="--passphrase-file $work/bill.pass"
run 0 phone init --name Bill
run 0 phone unlock
GLOBAL=""
serve bill
serve phone
run 0 asha plan new "The garden"
plan=$(get .plan)
GLOBAL="--passphrase-file $work/bill.pass"
run 0 asha invite
bills=$(get .invite)
run 0 bill join "$bills"
is .state in
GLOBAL=""
bring asha chen
GLOBAL="--passphrase-file $work/bill.pass"
run 0 bill invite --my-device
mine=$(get .invite)
run 0 phone join "$mine"
is .state in
GLOBAL=""
add asha action "Plant trees"
action=$(get .id)
complete asha "$action" Asha Chen
for who in bill chen phone; do meet "$who" asha; done
meet bill phone
run 0 asha freeze --stage agreement --anyway "to sign it"
first=$(get .version)
for who in bill chen; do meet "$who" asha; done
GLOBAL="--passphrase-file $work/bill.pass"
run 0 bill sign "$first" --agree
GLOBAL=""
meet bill asha

step "only with the passphrase"
refused 3 passphrase_needed bill leave
GLOBAL="--passphrase-file $work/wrong.pass"
refused 2 wrong_passphrase bill leave
GLOBAL=""
run 0 bill people
is "[.[] | select(.left)] | length" 0 "nobody has left"

step "he leaves; what he wrote last, and that nobody has yet, stays too"
run 0 bill add need "Bill's last word"
GLOBAL="--passphrase-file $work/bill.pass"
run 0 bill leave
keys . plan person entry joins devices
is .joins 2 "both of his devices"
is '.devices | length' 1 "the other one is named"
is .person "$bill"
refused 2 left bill leave
GLOBAL=""
refused 2 left bill add need "Nobody would see it"
refused 2 left bill set "$action" why=x
refused 2 left bill invite
refused 2 left bill rotate-secret
run 0 bill list need
holds 'any(.[]; .text == "Bill'"'"'s last word")' "he can still read it"

step "the next meeting is the last"
meet bill asha
run 0 asha list need
holds 'any(.[]; .text == "Bill'"'"'s last word")' "what he wrote before arrived with it"
run 0 asha people
is ".[] | select(.person == \"$bill\") | .left" true "asha sees it"
is ".[] | select(.person == \"$bill\") | .standing" false
is "[.[] | select(.person == \"$bill\").devices[].standing] | any" false "none of his devices"
is "[.[] | select(.standing)] | length" 2
ok "in words" sh -c "'$coplan' --home '$work/asha' people | grep Bill | grep -q 'left the plan'"
digest asha
at_leaving=$digest
run 0 asha add need "Not for bill"
address asha
refused 3 not_a_member bill sync "$address" # his machine has nothing to say to anybody any more
refused 3 not_a_member bill sync
digest bill
equal "$at_leaving" "$digest" "and gets nothing new"
address bill
as asha sync "$address"
checks=$((checks + 1))
case "$status $(get '.error.code // length')" in
"1 0" | "3 not_a_member" | "3 unreachable") ;;
*) bad "asha still meets bill" ;;
esac
digest bill
equal "$at_leaving" "$digest" "nor is it handed anything"
refused 2 left bill bundle write "$work/bill.coplan"
run 0 asha bundle write "$work/asha.coplan" --all
refused_any 2 "not_for_us" bill bundle read "$work/asha.coplan"

step "who was not there hears of it from the others; his other device learns that he left"
meet chen asha
same chen asha
run 0 chen people
is ".[] | select(.person == \"$bill\") | .left" true
address asha
as phone sync "$address"
run 0 phone list need
not "the phone gets nothing new either" grep -q "Not for bill" "$work/out"

step "nobody asks him any more; what he signed stands"
run 0 asha set "$action" "why=it is hot"
run 0 asha freeze --stage agreement --anyway "to sign it"
second=$(get .version)
meet chen asha
run 0 asha sign "$second" --agree --will all
run 0 chen sign "$second" --agree
meet chen asha
run 0 asha agreement "$second"
is .result agreed "without him"
is "[.answers[], .waiting_for[]] | map(select(.person == \"$bill\")) | length" 0
run 0 chen sign "$first" --agree
run 0 asha sign "$first" --agree --will all
meet chen asha
run 0 chen agreement "$first"
is "[.answers[] | select(.person == \"$bill\")] | length" 1 "his answer to the page that asked him"
run 0 chen proof "$first" --out "$work/proof"
good_proof "$work/proof" "$first" 3

step "where he still stands as who helps, checks or looks again, it is said, and no page is made that waits for him"
run 0 asha set "$action" "helpers+=$bill" "checked_by=$bill"
run 0 asha set plan "reviewer=$bill"
as asha check P9
for code in helper_left checker_left reviewer_left; do
    holds "any(.[].reasons[]; .code == \"$code\" and (.args | index(\"Bill\")) != null and .weight == \"hard\")" "$code"
done
"$coplan" --home "$work/asha" check P9 >"$work/human" 2>&1
ok "by name" grep -q '"Plant trees": who helps is not in the plan any more: Bill' "$work/human"
refused 1 not_ready asha freeze --stage agreement
run 0 asha freeze --stage agreement --anyway "He may come back"
third=$(get .version)
run 0 asha text "$third"
ok "the page says what was left open" grep -q 'who helps is not in the plan any more: Bill' "$work/out"
run 0 asha agreement "$third"
is "[.waiting_for[] | select(.person == \"$bill\")] | length" 0 "and does not ask him"
run 0 asha set "$action" "helpers-=$bill" "checked_by=Chen"
run 0 asha set plan "reviewer=Chen"

step "invited again, he comes back; the old ways in stay closed"
GLOBAL="--passphrase-file $work/bill.pass"
run 0 asha digest
entries=$(get .entries)
refused 2 invitation_used bill join "$bills" # the JOIN of the first time never counts again
refused 2 invitation_used bill join "$bills" --name "Bill, again" # nor does another by the same token
run 0 asha digest
is .entries "$entries" "nothing is written for it"
run 0 asha people
is ".[] | select(.person == \"$bill\") | .left" true "still left"
run 0 asha invite
again=$(get .invite)
run 0 bill join "$again"
is .state in "with a new one"
GLOBAL=""
run 0 bill list need
holds 'any(.[]; .text == "Not for bill")' "he has what was written meanwhile"
run 0 bill add need "Bill is back"
meet bill asha
meet chen asha
same asha bill chen
run 0 chen people
is ".[] | select(.person == \"$bill\") | .left" false
is ".[] | select(.person == \"$bill\") | .standing" true
is "[.[] | select(.person == \"$bill\").devices[] | select(.standing)] | length" 1 "with the device that came back"

GLOBAL="--passphrase-file $work/bill.pass"
run 0 bill continue --without Chen
GLOBAL=""
is '[.people[] | select(.follows) | .name] | join(",")' Bill "whoever came back can carry on"

step "somebody who is alone in a plan can leave it too"
home dora Dora
run 0 dora plan new "Mine"
run 0 dora leave
is '.devices | length' 0 "with one device there is nothing more to do"
refused 2 left dora add need "x"
run 0 dora plan list
is length 1 "it is still readable"

step "what is said: before, what cannot be done afterwards; after it, and to the other device, why nobody lets that in any more"
home emma Emma
home second Emma
home fred Fred
run 0 emma plan new "Ours"
bring emma fred
run 0 emma invite --my-device
run 0 second join "$(get .invite)"
is .state in "her second device is in"
meet second fred
run 0 fred freeze --stage agreement --anyway "to sign it"
last="coplan leave"
"$coplan" --home "$work/second" leave >"$work/said" 2>"$work/err" </dev/null
ok "take back first" grep -q "coplan withdraw-words" "$work/err"
ok "the other device is told of" grep -q "coplan leave there too" "$work/said"
meet second fred
run 0 fred agreement
is '.waiting_for | map(.name + " " + .why) | sort | join(",")' "Emma left,Fred no_answer" "of whom the page waits for, it says that she left"
add fred action "Feed the ducks" "lead=Emma"
ducks=$(get .id)
run 0 fred freeze --stage agreement --anyway "she leads it"
run 0 fred agreement
is '.waiting_for | map(.name + " " + .why) | sort | join(",")' "Emma left,Fred no_answer" "who leads is asked, though she left"
"$coplan" --home "$work/fred" agreement >"$work/said"
ok "what helps is said" grep -q "give what they lead, if anything, to somebody else, then make a new page" "$work/said"
run 0 fred set "$ducks" "lead=Fred"
run 0 fred freeze --stage agreement --anyway "to see that it helped"
run 0 fred agreement
is '.waiting_for | map(.name + " " + .why) | sort | join(",")' "Fred no_answer" "and it does help"
address fred
last="coplan sync of the other device"
"$coplan" --home "$work/emma" sync "$address" >"$work/said" 2>"$work/err" </dev/null
ok "why nobody lets it in" grep -q "did you leave the plan" "$work/err" "$work/said"
run 0 emma leave
is .joins 2 "it can be said there too"
finish
