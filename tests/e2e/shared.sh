# A tablet that several people share: each under their own passphrase, each with a session that ends; nobody writes or
# signs as somebody else; answers say that the device is shared.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_proof.sh"
echo "tea and toast" >"$work/asha.pass"
echo "a red kite" >"$work/bill.pass"
echo "wrong" >"$work/wrong.pass"
by() { GLOBAL="--as $1 --passphrase-file $work/$2.pass"; }
nobody() { GLOBAL=""; }

step "Asha's tablet; Chen has a device of his own"
home chen "Chen"
GLOBAL="--passphrase-file $work/asha.pass"
run 0 tab init --name Asha
asha=$(get .person)
nobody
serve tab
GLOBAL="--passphrase-file $work/asha.pass"
run 0 tab plan new "The garden"
nobody
run 0 tab status
is '.persons | length' 1
is .session_seconds null "nothing ends by itself on a device of one person"

step "Bill gets keys of his own on it"
refused 3 passphrase_needed tab person add --name Bill
refused 2 usage tab person add
refused 2 ambiguous tab person add --name Asha --no-passphrase
refused 2 bad_value tab person add --name "$(printf 'a\tb')" --no-passphrase
GLOBAL="--passphrase-file $work/bill.pass"
run 0 tab person add --name Bill
keys . person recovery
bill=$(get .person)
differ "$bill" "$asha" "two persons"
is '.recovery | length' 39
nobody
run 0 tab status
is '.persons | map(.name) | join(" ")' "Asha Bill"
is .session_seconds 600
is '[.persons[] | .open] | all' true

step "every command that writes says who; by name or by id"
refused 2 which_person tab add need "A bench"
by Asha asha
run 0 tab add need "A bench"
GLOBAL="--as $(echo "$asha" | cut -c1-10)"
run 0 tab add need "A tap"
GLOBAL="--as Nobody"
refused 2 not_found tab add need "A tap"
GLOBAL="--as Bill"
refused 3 not_yet tab add need "Not in the plan yet"

step "Bill joins the plan that the machine holds, and is let in here"
GLOBAL="--as Asha"
run 0 tab invite
invitation=$(get .invite)
by Bill wrong
refused 2 wrong_passphrase tab join "$invitation"
by Bill bill
run 0 tab join "$invitation"
is .state in "Bill is in"
run 0 tab join "$invitation"
is .state in "again is harmless"
run 0 tab add need "A shed"
nobody
run 0 tab log
holds 'any(.[]; .name == "Bill")' "Bill wrote as Bill"
run 0 tab people
is 'map(select(.standing)) | length' 2
by Chen asha
refused 2 not_found tab add need "Chen is not on this device"
nobody
GLOBAL="--as Asha"
run 0 tab invite
invitation=$(get .invite)
nobody
run 0 chen join "$invitation"
is .state in "Chen is in"

step "one session ends; the other's goes on, and the plan is held and met all the same"
GLOBAL="--as Bill"
run 0 tab lock
is .locked true
refused 3 locked tab add need "Nobody sits there"
refused 3 locked tab list
GLOBAL="--as Asha"
run 0 tab list need
nobody
run 0 tab list need
run 0 tab status
is '.locked' false
is '.persons | map(.open) | tostring' '[true,false]'
GLOBAL="--as Asha"
run 0 tab lock
nobody
refused 3 locked tab list
refused 3 locked tab person add --name Eve --no-passphrase
GLOBAL="--as Asha"
refused 3 locked tab invite
nobody
add chen need "Written meanwhile"
meet chen tab
is '.[0].in_sync' true "with nobody there the machine still meets"

step "unlocking by one lets nobody else's statements or entries be made"
by Asha asha
run 0 tab unlock
run 0 tab status
is '.persons | map(.open) | tostring' '[true,false]'
run 0 tab freeze --stage agreement --anyway "to sign it"
version=$(get .version)
GLOBAL="--as Bill"
refused 3 locked tab add need "As Bill, by somebody else"
refused 3 passphrase_needed tab sign "$version" --agree
by Bill asha
refused 2 wrong_passphrase tab sign "$version" --agree
by Asha asha
run 0 tab sign "$version" --agree
by Bill bill
run 0 tab sign "$version" --agree
nobody
run 0 tab agreement "$version"
is '[.answers[] | .method] | unique | join("; ")' "shared device"
is '.answers | length' 2

step "a session ends by itself; the machine stays open"
by Asha asha
run 0 tab person idle 1s
is .session_seconds 1
refused 2 usage tab person idle soon
refused 2 bad_value tab person idle 9000m
run 0 tab unlock
nobody
ended_by_itself() { "$coplan" --home "$work/tab" --json status 2>/dev/null | jq -e '[.persons[] | .open] | any | not'; }
ok "both sessions end" until_true 10 ended_by_itself
refused 3 locked tab list
run 0 tab status
is .locked false
meet chen tab
by Bill bill
run 0 tab unlock
run 0 tab person idle 0
nobody
run 0 tab list need

step "the machine locks as a whole, and any one of them opens it, by id while names are sealed"
run 0 tab lock
run 0 tab status
is .locked true
is '.persons | map(.name) | tostring' '[null,null]'
GLOBAL="--as $(echo "$bill" | cut -c1-10) --passphrase-file $work/bill.pass"
run 0 tab unlock
nobody
run 0 tab status
is '.persons | map(.open) | tostring' '[false,true]'
run 0 tab daemon stop
run 0 tab daemon start
run 0 tab status
is .locked true
by "$asha" asha
run 0 tab unlock
nobody
GLOBAL=""
serve tab
meet chen tab
same tab chen

step "a proof of what was signed on the tablet"
run 0 chen proof "$version" --out "$work/proof"
good_proof "$work/proof" "$version" 2
finish
