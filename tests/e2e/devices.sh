# A further device of mine: linked by network and by stick, with and without a passphrase.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

step "asha has a plan and a phone"
home asha Asha
home phone "Asha"
home bill Bill
run 0 asha plan new "A garden for the street"
plan=$(get .plan)
run 0 asha people
asha=$(get '.[0].person')
run 0 asha invite --out "$work/bill.in"
run 0 bill join "$work/bill.in"
is .state in "bill is in"
run 0 asha invite --my-device --out "$work/phone.in"
keys . invite id check_words no_passphrase
is .no_passphrase true "it says that nothing guards it"
words=$(get .check_words)
equal 4 "$(echo "$words" | wc -w)" "four words"
ok "the paper says so too" sh -c "'$coplan' --home '$work/asha' invite --my-device --out '$work/thrown' | grep -q 'sign as you'"

step "the phone becomes hers"
run 0 phone join "$work/phone.in"
is .state in "in"
is .plan "$plan" "that plan"
is .person "$asha" "as asha"
is .check_words "$words" "the same four words on both screens"
run 0 phone join "$work/phone.in"
is .state in "once more is harmless"
run 0 asha people
is length 2 "still two people"
is ".[] | select(.person == \"$asha\").devices | length" 2 "asha has two devices"
is ".[] | select(.person == \"$asha\").devices | map(.standing) | all" true "both stand"
is ".[] | select(.person == \"$asha\").token_shared" false "nothing odd"

step "what either device does, asha does"
run 0 asha add action "Build raised beds"
item=$(get .id)
run 0 asha rate "$item" importance 3
run 0 phone sync
run 0 phone rate "$item" importance 4
run 0 phone add strength "We have tools"
address phone
run 0 asha sync "$address"
run 0 asha show "$item"
run 0 asha log
is '[.[] | select(.by == "'"$asha"'").device] | unique | length' 2 "her entries are by two devices"
run 0 asha digest
want=$(get tojson)
run 0 phone digest
equal "$want" "$(get tojson)" "both hold the same"

step "she signs on the phone"
run 0 phone freeze --stage agreement --anyway "to try it"
version=$(get .version)
run 0 phone sign "$version" --agree
address phone
run 0 asha sync "$address"
run 0 asha agreement "$version"
is ".answers | map(select(.person == \"$asha\")) | length" 1 "her answer is there"

home thief Thief
step "a new plan secret: invitations from now on name its door, and who was away still gets in"
run 0 asha invite --out "$work/old.in"
run 0 asha rotate-secret
keys . entry
secret=$(get .entry)
run 0 asha log
is '.[-1].entry' "$secret" "it is the last entry"
home chu Chu
run 0 chu join "$work/old.in" --out "$work/old.ask"
run 0 asha bundle read "$work/old.ask"
is '.admitted | length' 1 "a request boxed to the older door is opened"
run 0 asha invite --out "$work/new.in"
home dee Dee
run 0 dee join "$work/new.in" --out "$work/new.ask"
run 0 asha bundle read "$work/new.ask"
is '.admitted | length' 1 "and one to the new"
refused 2 not_for_us bill bundle read "$work/new.ask" # before he has the secret
home eve Eve
run 0 asha invite --out "$work/eve.in"
address asha
run 0 bill sync "$address"
run 0 eve join "$work/eve.in" --out "$work/eve.ask"
run 0 bill bundle read "$work/eve.ask"
is '.admitted | length' 1 "and after it he can"
refused 2 no_plan thief rotate-secret

step "used up, for somebody else, or spoilt"
refused 2 invitation_used thief join "$work/phone.in"
run 0 thief status
is '.persons[0].person' "$person_thief" "and is nobody else by that"
run 0 bill plan new "Another plan"
other=$(get .plan)
GLOBAL="--plan $plan"
run 0 asha invite --my-device --out "$work/more.in"
refused 2 other_person bill join "$work/more.in"
GLOBAL="--plan $other"
run 0 bill people
is length 1 "bill is still bill"
GLOBAL=
sed 's/a/b/' "$work/more.in" >"$work/spoilt"
refused 2 bad_invitation thief join "$work/spoilt"
head -c 200 "$work/more.in" >"$work/short"
refused 2 bad_invitation thief join "$work/short"

step "with a passphrase, by stick alone"
printf 'correct horse' >"$work/chen.pass"
printf 'wrong' >"$work/wrong.pass"
printf 'tablet' >"$work/tablet.pass"
GLOBAL="--passphrase-file $work/chen.pass"
run 0 chen init --name Chen
run 0 chen unlock
run 0 chen plan new "Quiet room"
room=$(get .plan)
run 0 chen people
chen=$(get '.[0].person')
GLOBAL=
refused 3 passphrase_needed chen invite --my-device
GLOBAL="--passphrase-file $work/wrong.pass"
refused 2 wrong_passphrase chen invite --my-device
GLOBAL="--passphrase-file $work/chen.pass"
run 0 chen invite --my-device --out "$work/tablet.invite"
is .no_passphrase false "sealed under the passphrase"
words=$(get .check_words)
GLOBAL="--passphrase-file $work/tablet.pass"
run 0 tablet init --name "Chen's tablet"
run 0 tablet unlock
refused 2 wrong_passphrase tablet join "$work/tablet.invite" --out "$work/ask"
ok "nothing is written" test ! -e "$work/ask"
GLOBAL=
refused 3 passphrase_needed tablet join "$work/tablet.invite" --out "$work/ask"
GLOBAL="--passphrase-file $work/chen.pass"
as tablet join "$work/tablet.invite" --out "$work/no/such/folder/ask"
checks=$((checks + 1))
[ "$status" -ne 0 ] || bad "no file can be written there"
GLOBAL="--passphrase-file $work/tablet.pass"
run 0 tablet lock
run 0 tablet unlock # its own passphrase opens it as before
GLOBAL="--passphrase-file $work/chen.pass"
run 0 tablet join "$work/tablet.invite" --out "$work/ask"
is .state waiting "it waits"
is .check_words "$words" "the same words"
is .person "$chen" "as chen"
run 0 chen bundle read "$work/ask"
is '.admitted | length' 1 "let in"
run 0 chen bundle write "$work/answer"
run 0 tablet bundle read "$work/answer"
is .refused 0 "nothing refused"
run 0 tablet people
is length 1 "one person"
is '.[0].devices | length' 2 "two devices"
run 0 tablet add need "A room where nobody talks"
run 0 tablet lock
GLOBAL="--passphrase-file $work/tablet.pass"
refused 2 wrong_passphrase tablet unlock
GLOBAL="--passphrase-file $work/chen.pass"
run 0 tablet unlock
run 0 tablet list need
is length 1 "what was there is there"

step "linked once: an invitation for another plan needs no second identity"
run 0 chen plan new "Bus shelter"
shelter=$(get .plan)
GLOBAL="--passphrase-file $work/chen.pass --plan $shelter"
run 0 chen invite --my-device --out "$work/again"
GLOBAL="--passphrase-file $work/chen.pass"
run 0 tablet join "$work/again" --out "$work/ask2"
is .person "$chen" "still chen"
run 0 chen bundle read "$work/ask2"
is '.admitted | length' 1 "let in there too"

finish
