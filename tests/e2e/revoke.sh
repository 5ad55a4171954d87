# A phone is stolen, unlocked: what its thief does with it, and what is left of that once its owner reports it lost.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

step "asha has a plan, a phone, and bill and chu in it"
home asha Asha
home phone Asha
home bill Bill
home chu Chu
run 0 asha plan new "A garden for the street"
run 0 asha people
asha=$(get '.[0].person')
laptop=$(get '.[0].devices[0].device')
bring asha bill
run 0 asha invite --my-device --out "$work/phone.in"
run 0 phone join "$work/phone.in"
add asha action "Build raised beds"
beds=$id
meet phone asha
run 0 phone set "$beds" "text=Build raised beds by the wall"
bring phone chu # chu is asked in by asha, on her phone
add phone strength "We have tools"
tools=$id
hers=$id
meet asha phone
run 0 asha people
is ".[] | select(.person == \"$asha\").devices | length" 2 "two devices"
phone=$(get ".[] | select(.person == \"$asha\").devices[] | select(.device != \"$laptop\").device")
meet bill asha

step "the thief writes, lets a friend in, and meets bill"
run 0 phone set "$beds" "text=There will be no beds"
run 0 phone set plan "title=My plan now"
add phone concern "Asha is not to be trusted"
run 0 phone note comment "$beds" "A note by nobody we know"
run 0 phone rate "$beds" importance 0
home friend Friend
bring phone friend
add friend need "More for me"
meet phone friend
run 0 phone rotate-secret
meet bill phone
run 0 bill list action
is '.[0].text' "There will be no beds" "before it is known, it looks like asha's"
run 0 bill list concern
is length 1 "so does this"
run 0 bill people
is 'length' 4 "four people"
address bill
bill_at=$address
run 0 phone sync "$bill_at" --stay
is '.[0].in_sync' true "the thief stays in touch with bill"
address phone
run 0 bill sync "$address"
phone_key=$(get '.[0].peer')

step "nobody else may report it, and nobody reports the device they sit at"
refused 2 not_yours bill revoke-device "$phone"
refused 2 this_device asha revoke-device "$laptop"
refused 2 not_found asha revoke-device 00000000
refused_any 2 "not_found usage" asha revoke-device "$phone" --after 00000000
refused 2 usage asha revoke-device "$phone" --after "$hers" --all
refused 2 usage asha revoke-device
run 0 asha status
is '.plans[0].void' 0 "nothing is void"

step "asha reports it lost, from the last thing that was hers"
meet asha bill
run 0 asha revoke-device "$phone" --after "$hers"
keys . device entry kept void again by_sheet passphrase
is .passphrase false "she has none"
is .device "$phone" "that device"
is .again false "for the first time"
holds '.void > 4 and .kept > 3' "some of its entries count, some do not"
run 0 asha people
is ".[] | select(.person == \"$asha\").devices[] | select(.device == \"$phone\").state" "reported lost" "as that"
is ".[] | select(.person == \"$asha\").devices[] | select(.device == \"$laptop\").state" "in" "the other one is in"
is ".[] | select(.name == \"Chu\").standing" true "whom she let in herself stays in"
is ".[] | select(.name == \"Friend\").standing" false "whom the thief let in is out"

# nothing_left HOME : of the thief, while all of asha's is there
nothing_left() {
    run 0 "$1" list action
    is '.[0].text' "Build raised beds by the wall" "$1: as asha wrote it on her phone"
    is '.[0].wordings | length' 0 "$1: no second wording"
    run 0 "$1" list concern
    is length 0 "$1: nothing of the thief's"
    run 0 "$1" list need
    is length 0 "$1: nothing of the friend's"
    run 0 "$1" list strength
    is '.[0].id' "$tools" "$1: what she added on her phone"
    run 0 "$1" show "$beds"
    is '.notes | length' 0 "$1: no note"
    is '.views | length' 0 "$1: no view"
    run 0 "$1" show plan
    is '.fields.title' "A garden for the street" "$1: its title"
    run 0 "$1" status
    holds '.plans[0].void > 6' "$1: they are counted"
}
nothing_left asha
run 0 asha log
holds '[.[] | select(.void)] | length > 5' "asha sees what was made in her name"
holds '[.[] | select(.void and .name == "Friend")] | length == 0' "and nothing of the friend's"
ok "in words" sh -c "'$coplan' --home '$work/asha' log | grep -q 'made after this device was reported lost'"

ok "what is signed is another matter" sh -c "'$coplan' --home '$work/asha' revoke-device '$phone' --after '$hers' | grep -q 'go on signing as you.*coplan recover SHEET'"

step "bill hears of it: what is open to the phone is shut at once"
meet asha bill
add bill resource "A shed" amount=1
shed=$id
run 0 phone list resource
is length 0 "nothing new reaches the phone"
nothing_left bill
run 0 bill log
is '[.[] | select(.void)] | length' 0 "bill is told nothing of what counts for nothing"

step "the thief is let in nowhere, and their friend neither"
as phone sync "$bill_at"
checks=$((checks + 1))
[ "$status" -ne 0 ] || holds 'all(.[]; .in_sync != true)' "the phone meets bill no more"
address asha
as phone sync "$address"
checks=$((checks + 1))
[ "$status" -ne 0 ] || holds 'all(.[]; .in_sync != true)' "nor asha"
as friend sync "$bill_at"
checks=$((checks + 1))
[ "$status" -ne 0 ] || holds 'all(.[]; .in_sync != true)' "nor does the friend"
run 0 phone list resource
is length 0 "still nothing new"
run 0 asha add resource "A key to the shed"
run 0 phone list resource
is length 0 "nor from asha"
address phone
as bill sync "$address#$phone_key"
checks=$((checks + 1))
[ "$status" -ne 0 ] || holds 'all(.[]; .in_sync != true)' "called by its key it is told nothing, although it knows older secrets"
run 0 phone list resource
is length 0 "nothing either where bill calls"

step "the phone has heard it by now, or hears it by stick: it says so and writes nothing"
run 0 asha bundle write "$work/all" --for Bill
refused_any 2 "not_for_us" phone bundle read "$work/all"
as phone add need "Another one"
checks=$((checks + 1))
case "$status $(get .error.code)" in
"2 reported_lost" | 0\ *) ;;
*) bad "a lost phone either does not know yet, or says that it is lost" ;;
esac

step "what the thief still writes comes to nothing, whoever brings it"
home dora Dora
run 0 phone invite
thief_invitation=$(get .invite)
as dora join "$thief_invitation"
checks=$((checks + 1))
[ "$(get .state)" != in ] || holds . "whoever the thief lets in now"
run 0 asha people
is '[.[] | select(.standing)] | length' 3 "asha, bill and chu"
meet bill asha

step "said again, narrower and wider"
run 0 asha revoke-device "$phone" --all
is .again true "again"
is .kept 0 "nothing of it"
run 0 asha list action
is '.[0].text' "Build raised beds" "as she wrote it on the laptop"
run 0 asha people
is ".[] | select(.name == \"Chu\").standing" false "chu was let in by the phone"
run 0 asha status
all=$(get '.plans[0].void')
run 0 asha revoke-device "$phone" --after "$hers"
is .again true "again"
run 0 asha list action
is '.[0].text' "Build raised beds by the wall" "back"
run 0 asha people
is ".[] | select(.name == \"Chu\").standing" true "and chu"
run 0 asha status
holds ".plans[0].void < $all" "less is void"
meet bill asha
nothing_left bill

step "the friend was taken in by the thief and wants to stay: a member says yes, and the same request counts"
run 0 bill people
friend=$(get '.[] | select(.name == "Friend").devices[0].device')
is ".[] | select(.name == \"Friend\").devices[0].state" "not in" "not in"
run 0 bill admit "$friend"
is .standing true "in again"
keys . device entry standing
run 0 bill admit "$friend"
is .entry null "twice is once"
refused 2 not_found bill admit 00000000
refused 2 not_yours bill admit "$phone"
run 0 bill list need
is '.[0].text' "More for me" "what they wrote counts with them"
meet friend bill
run 0 friend list action
is '.[0].text' "Build raised beds by the wall" "and they see what all see"
meet asha bill
same asha bill friend

step "a new invitation names a door that the thief does not know, and older guests still get in"
home eve Eve
bring asha eve
same asha eve
meet bill asha
same asha bill eve

step "a lost device shows its request once more, by stick and by the network: nobody writes anything for it"
home pad Asha
run 0 asha invite --my-device --out "$work/pad.in"
run 0 pad join "$work/pad.in" --out "$work/pad.ask"
meet bill asha
run 0 bill bundle read "$work/pad.ask"
is '.admitted | length' 1 "let in"
meet bill asha
run 0 asha people
pad=$(get ".[] | select(.person == \"$asha\").devices[] | select(.state == \"in\" and .device != \"$laptop\").device")
run 0 asha revoke-device "$pad"
meet bill asha
digest bill
before=$digest
refused 2 invitation_used bill bundle read "$work/pad.ask"
address asha
refused 2 invitation_used pad sync "$address"
refused 2 invitation_used pad join "$work/pad.in"
meet bill asha
digest bill
equal "$before" "$digest" "nothing was written"

step "a tablet that two use: it hears through dora that it was asha's no more, and what asha's thief writes there is refused"
home tab Dora
bring asha tab
run 0 tab person add --name Asha --no-passphrase
run 0 asha invite --my-device --out "$work/tab.in"
GLOBAL="--as Asha" run 0 tab join "$work/tab.in"
GLOBAL="--as Asha" run 0 tab add need "Shade"
shade=$(get .id)
GLOBAL=
meet asha tab
run 0 asha people
hers_there=$(get ".[] | select(.person == \"$asha\").devices[] | select(.state == \"in\" and .device != \"$laptop\").device")
run 0 asha revoke-device "$hers_there"
is '.others | tostring' '["Dora"]' "who else uses that machine"
is '.elsewhere | length' 0 "it is hers in no other plan"
ok "in words" sh -c "'$coplan' --home '$work/asha' revoke-device '$hers_there' | grep -q 'Dora uses the same machine'"
ok "and where it is listed" sh -c "'$coplan' --home '$work/asha' peers | grep -q 'But Dora uses the same machine'"
run 0 asha peers
is ".[] | select(.device == \"$hers_there\").others | tostring" '["Dora"]'
meet asha tab
run 0 tab people
is ".[] | select(.person == \"$asha\").devices[] | select(.here).state" "reported lost" "it knows"
digest tab
before=$digest
GLOBAL="--as Asha"
refused 2 reported_lost tab add need "More shade"
refused 2 reported_lost tab set "$shade" "why=It is hot"
refused 2 reported_lost tab note comment "$shade" "A note"
refused 2 reported_lost tab rate "$shade" importance 3
refused 2 reported_lost tab freeze --stage agreement --anyway "to try it"
printf 'kind,text\nneed,Imported\n' >"$work/rows.csv"
refused 2 reported_lost tab import "$work/rows.csv"
GLOBAL=
digest tab
equal "$before" "$digest" "nothing was written"
GLOBAL="--as Dora" run 0 tab add need "Dora goes on"
GLOBAL=
meet asha tab
meet bill asha

step "all of it the same from the log alone"
run 0 asha digest
before=$(get tojson)
run 0 asha daemon stop
ended asha
run 0 asha daemon start --listen 127.0.0.1:0
run 0 asha digest
equal "$before" "$(get tojson)" "after a stop"
run 0 bill set "$shed" "text=A shed with a lock"

step "a device that is in two plans: which ones it is still in is said"
run 0 asha plan list
plan=$(get '.[0].plan')
run 0 asha plan new "Another plan"
second=$(get .plan)
home pen Asha
for of in "$plan" "$second"; do
    run 0 asha --plan "$of" invite --my-device --out "$work/pen.in"
    run 0 pen join "$work/pen.in"
done
run 0 pen --plan "$second" people
pen=$(get '.[0].devices[] | select(.here).device')
run 0 asha --plan "$plan" revoke-device "$pen"
is '.elsewhere | tostring' "[\"$second\"]" "it is hers still in the other plan"
ok "in words" sh -c "'$coplan' --home '$work/asha' --plan '$plan' revoke-device '$pen' | grep -q -e '--plan [0-9a-f]* revoke-device'"
run 0 asha --plan "$second" revoke-device "$pen"
is '.elsewhere | length' 0 "said in both"
finish
