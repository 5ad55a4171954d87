# Invitations: listed, taken back, used twice, asked for again when the answer was lost, taken back while somebody joins.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
for who in asha bill chen dora; do home "$who" "$who"; done
run 0 asha plan new "The garden"

step "an invitation is open, then used; joining again is harmless, another person is turned away"
run 0 asha invite --qr
first=$(get .invite)
ok "a QR code on the terminal's side" grep -q '█' "$work/err"
run 0 asha invites
is length 1
is '.[0].used' false
id=$(get '.[0].id')
run 0 bill join "$first"
is .state in
run 0 bill join "$first" # the answer may have been lost
is .state in
run 0 asha people
is length 2
refused 2 invitation_used dora join "$first"
run 0 asha invites
is '.[0].used' true
run 0 asha uninvite "$id"
is .used true "whoever came by it stays"
run 0 asha people
is '[.[] | select(.standing)] | length' 2

step "taken back: nobody comes in by it, here or where it was heard of"
run 0 asha invite
second=$(get .invite)
id=$(get .id)
run 0 asha invite --out "$work/third"
third=$(get .id)
equal 600 "$(stat -c %a "$work/third")" "nobody else on the machine reads it"
meet bill asha
run 0 bill uninvite "$id"
is .used false
run 0 bill uninvite "$id" # twice is harmless
meet bill asha
refused 2 bad_invitation chen join "$second"
run 0 asha invites
is "[.[] | select(.withdrawn)] | length" 2
ok "in words" sh -c "'$coplan' --home '$work/asha' invites | grep -q 'taken back'"
run 0 chen plan list
is length 0 "no plan is waited for"

step "taken back while somebody joins by stick"
run 0 dora join "$work/third" --out "$work/ask.coplan"
is .state waiting
run 0 asha uninvite "$(echo "$third" | cut -c1-8)"
as asha bundle read "$work/ask.coplan"
is '(.admitted // []) | length' 0 "not let in"
run 0 asha people
is length 2

step "a link of a home without a passphrase is the person: nobody else reads it either, nor is a file beside it touched"
echo "mine" >"$work/link.part"
run 0 asha invite --my-device --out "$work/link"
equal 600 "$(stat -c %a "$work/link")" "nobody else on the machine reads it"
equal mine "$(cat "$work/link.part")" "somebody's own link.part stays"
run 0 asha uninvite "$(get .id)"

step "what is no invitation, and who may not"
refused 2 not_found asha uninvite 0123456789
refused 2 usage asha uninvite abc
refused 2 usage asha uninvite
refused 2 no_plan chen uninvite "$third"
refused 2 no_plan chen invites
step "a join whose file is refused has changed nothing: no plan, and the name is still to be said"
run 0 asha invite --out "$work/late.invite"
run 0 late init --name Late --no-passphrase
printf 'a photo\n' >"$work/photo"
refused 2 file_there late join "$work/late.invite" --name "Wrong Name" --out "$work/photo"
refused 2 bad_file late join "$work/late.invite" --name "Wrong Name" --out "$work/no/such/folder/x"
equal "a photo" "$(cat "$work/photo")" "the photo"
run 0 late plan list
is length 0 "no plan"
run 0 late join "$work/late.invite" --name "Right Name" --out "$work/late.join"
is .state waiting "it waits"
run 0 late join "$work/late.invite" --name "Other Name" --out "$work/late.join2"
is .name "Right Name" "one request, and it is signed"
"$coplan" --home "$work/late" join "$work/late.invite" --name "Other Name" --out "$work/late.join2" >"$work/said" 2>&1
ok "the screen says so" grep -q 'Your request says Right Name.*set me name="Other Name"' "$work/said"
run 0 asha bundle read "$work/late.join"
is '.admitted | length' 1 "let in"
run 0 asha people
holds 'any(.[]; .name == "Right Name") and all(.[]; .name != "Wrong Name")' "under the name that was said"
finish
