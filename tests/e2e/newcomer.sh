# What somebody new reads: a home that waits says that it waits and gets in by an address told later; what is not found is said
# with where to look; right letters of a sheet are not called wrong; and the JSON says the same as the screen.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# words HOME TEXT COMMAND... : what people read, on both channels, has this in it
words() {
    words_home=$1
    words_text=$2
    shift 2
    checks=$((checks + 1))
    last="coplan --home $words_home $*"
    "$coplan" --home "$work/$words_home" "$@" >"$work/words" 2>&1 </dev/null
    status=$?
    grep -q -F -e "$words_text" "$work/words" || { bad "no \"$words_text\""; sed 's/^/   /' "$work/words" | head -12; }
}
# silent TEXT : what was read last has not
silent() {
    checks=$((checks + 1))
    ! grep -q -F -e "$1" "$work/words" || { bad "it says \"$1\""; sed 's/^/   /' "$work/words" | head -12; }
}

step "invited while no port is open: waiting, said everywhere; in by an address that was told later"
words bill "Make one, then try again: coplan init" join nothing
run 0 bill init --name Bill --no-passphrase
run 0 asha init --name Asha --no-passphrase
run 0 asha plan new "The garden"
plan=$(get .plan)
words asha "This device has no open port" invite --out "$work/for-bill.txt"
run 0 bill join "$work/for-bill.txt"
is .state waiting
run 0 bill status
is '.plans[0].state' waiting
words bill "You have asked to be let in, and wait." status
silent "0 entries"
words bill "You have asked to be let in, and wait."
silent "coplan freeze"
words bill "still waits to be let in" people
refused 3 not_yet bill bundle write "$work/nothing.coplan"
words bill "Nobody was in reach. Both devices" sync
equal 1 "$status" "nobody is an honest no"
serve asha
is .key "$(get .key | grep -E '^[0-9a-f]{64}$')" "what stands behind the #"
is .address "$address" "what others type"
run 0 bill sync "$address"
is '.[0].name' Asha "by name"
holds 'all(.[]; .in_sync)'
run 0 bill status
is '.plans[0].state' in
words bill "Asha: both hold the same now." sync "$address"
run 0 bill people
is '[.[].devices[] | select(.here)] | length' 1 "one device is this one"

step "by stick: what to do with the file, and who was let in"
run 0 chen init --name Chen --no-passphrase
sheet=$(get .recovery)
words asha "On their device they type:" invite --out "$work/for-chen.txt"
words chen "Your request is in $work/chen.request." join "$work/for-chen.txt" --out "$work/chen.request"
words bill "their invitation is not known on this device" bundle read "$work/chen.request"
run 0 asha bundle read "$work/chen.request"
is '.names | tostring' '["Chen"]'
run 0 asha bundle write "$work/back.coplan"
run 0 chen bundle read "$work/back.coplan"
run 0 chen status
is '.plans[0].state' in
echo "no bundle" >"$work/no.coplan"
words chen "This is no file that coplan bundle write" bundle read "$work/no.coplan"

step "peers does not say two things of one device"
words asha "Later ones may not be there yet" peers
silent "not in sync"

step "right letters on a new device are not called wrong"
run 0 new init --name Chen --no-passphrase
refused 2 bad_sheet new recover "$sheet"
holds '.error.message | startswith("Your letters are right")'
words asha "then: coplan recover SHEET $work/back.txt" invite --for Chen --out "$work/back.txt"
silent "coplan join"
words asha "then: coplan recover SHEET INVITATION" invite --for Chen
silent "coplan join"
refused 2 bad_sheet new recover ABCD-EFGH
holds '.error.message | startswith("These are not the letters")'

step "where to look is said of what was looked for"
words asha "coplan plan list" follow 000000
words asha "coplan plan list" --plan 000000 list
words asha "Nobody called that uses this device" --as Nobody list
words asha "coplan people" continue --without Nobody
words asha "coplan people" bundle write "$work/x.coplan" --for Nobody
words asha "coplan network" network fine nowhere
words asha "coplan agreement" text 000000
words asha "coplan log" withdraw-words 000000
words asha "coplan attachments" fetch 000000
words asha "coplan attachments" save 000000 "$work/none"
words asha "coplan invites" uninvite 000000
words asha "coplan people" revoke-device 000000
words asha "For example: coplan withdraw-words" withdraw-words nonsense
words asha "For example: coplan sign" sign
words asha "coplan carry add" carry
words asha "coplan plan list" --plan 000000 stick "$work"
words asha "coplan plan list" --plan 000000 bundle write "$work/x.coplan"

step "what was typed in the wrong place, or left empty, is said as what it is"
words asha "It stands before the command: coplan --plan $plan list" list --plan "$plan"
equal 2 "$status" "nothing is guessed"
words asha "It stands before the command: coplan --json list" list --json
words asha "It stands before the command: coplan --passphrase-file=x unlock" unlock --passphrase-file=x
words asha "goes with no other option" invite --words --my-device
words asha "coplan continue --without PERSON" continue Chen
words new "there is no file of that name" join nosuch.in
words new "has twelve words, and these are more or fewer" join acorn artist banana blossom
words new "has twelve words, and these are more or fewer" join "acorn artist banana blossom"
words new "This invitation cannot be read. Copy all of it" join coplan-invite:abc
echo nonsense >"$work/nonsense"
words new "This invitation cannot be read. Copy all of it" join "$work/nonsense"
for empty in "bundle write $work/x.coplan --for=" "export html --out=" "hand-out --who="; do
    # shellcheck disable=SC2086  # a list of words
    words asha "a name is empty" $empty
    equal 2 "$status" "not as if it were left out"
done
bin=$(cd "$COPLAN_BIN" && pwd)
mkdir "$work/here"
(cd "$work/here" && "$bin/coplan" --home "$work/asha" stick "" >"$work/words" 2>&1 </dev/null)
ok "the folder has no name" grep -q "a name is empty" "$work/words"
equal "" "$(ls "$work/here")" "so it is not the one where somebody stands"
words asha "(Is a directory)" attach plan "$work" --alt "A picture"
words asha "(No such file or directory)" attach plan "$work/none" --alt "A picture"
words asha "bill.coplan" join --help

step "somebody else's device, and whoever left or is reported lost"
run 0 asha people
device=$(get '.[] | select(.name == "Bill") | .devices[0].device')
refused 2 not_yours asha revoke-device "$device"
holds '.error.message | contains("coplan invite --for")'
run 0 bill leave
run 0 bill status
is '.plans[0].state' left
words bill "You have left this plan." status
silent "other devices have"
words bill "You have left this plan."
silent "coplan invite "
run 0 bill sync "$address"
run 0 asha peers
is ".[] | select(.device == \"$device\") | .state" left
words asha "Its person has left the plan." peers

step "a carrier's home is not taken for an empty one"
mkdir "$work/box"
: >"$work/box/carrier"
words box "This is the home of a carrier"
silent "coplan init"
refused 2 carrier_home box list

step "two plans: which one is asked for by name"
run 0 asha continue
new=$(get .plan | cut -c1-12)
refused 2 which_plan asha list
holds ".error.message | contains(\"$(echo "$plan" | cut -c1-12) (The garden)\") and contains(\"$new\")"
words asha "coplan --plan $new list"
words chen "began the plan" log

step "a meeting says of which plan it speaks, and closing lines is no search"
run 0 chen sync "$address"
words chen "Asha, plan $(echo "$plan" | cut -c1-12): both hold the same now." sync "$address"
run 0 chen sync "$address"
holds 'all(.[]; .plans_here == 2)'
words chen "No line is kept open any more." sync --leave
silent "Nobody was in reach"

step "back by stick: status says that the sheet is to be used once more"
run 0 asha --plan "$plan" invite --for Chen --out "$work/again.txt"
run 0 new recover "$sheet" "$work/again.txt" --out "$work/again.coplan"
is .state waiting
run 0 asha bundle read "$work/again.coplan"
run 0 asha --plan "$plan" bundle write "$work/welcome.coplan"
run 0 new bundle read "$work/welcome.coplan"
run 0 new status
is ".plans[] | select(.plan == \"$plan\") | [.state, .key] | join(\" \")" "in key_unheard"
words new "Use the sheet once more" status
words new "Use the sheet once more"
run 0 new recover "$sheet"
run 0 new status
is ".plans[] | select(.plan == \"$plan\") | .key" null "the plan has heard"
words new "other devices have" status
silent "Use the sheet once more"
finish
