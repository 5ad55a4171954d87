#!/bin/sh
# One file that several people write in turn, some of whom do not know each other yet: nobody takes away what they cannot read.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

file="$work/one.coplan"

step "asha and bill know each other; each has let in somebody of whom the other has not heard"
for who in asha bill chen dora; do
    run 0 "$who" init --name "$who" --no-passphrase
done
# lets HOST GUEST : in, by files alone
lets() {
    run 0 "$1" invite --out "$work/invite"
    run 0 "$2" join "$work/invite" --out "$work/ask.coplan"
    run 0 "$1" bundle read "$work/ask.coplan"
    run 0 "$1" bundle write "$work/answer.coplan" --for "$2"
    run 0 "$2" bundle read "$work/answer.coplan"
}
run 0 asha plan new "The bus shelter"
lets asha bill
run 0 bill bundle write "$work/back.coplan"
run 0 asha bundle read "$work/back.coplan"
lets asha chen
lets bill dora

step "what cannot be read stays in the file, behind what is written"
run 0 chen add strength "Paint"
run 0 chen bundle write "$file"
is .kept 0 "there was nothing yet"
refused 2 not_for_us dora bundle read "$file"
run 0 dora add strength "Brushes"
run 0 dora bundle write "$file"
is .kept 1 "dora keeps what chen wrote"
is .bytes "$(size "$file")" "and says how long the file is"
run 0 chen add strength "More paint"
run 0 chen bundle write "$file"
is .kept 1 "chen keeps what dora wrote, and writes over their own"
"$coplan" --home "$work/chen" bundle write "$file" >"$work/words" 2>&1
ok "and it is said in words" grep -q -F "What was in that file for others is still there, behind yours. Parts: 1." "$work/words"

step "what was read whole goes, since it is said again"
run 0 asha bundle read "$file"
is '[.bundles, .not_for_us, .refused] | join(" ")' "2 0 0" "asha takes both: dora knows her"
run 0 asha bundle write "$file"
is .kept 0 "and says both"
run 0 bill bundle read "$file"
is '[.bundles, .not_for_us, .refused] | join(" ")' "1 0 0" "bill takes it from there"
cp "$file" "$work/two.coplan"
run 0 bill bundle write "$work/two.coplan" --for dora
is .kept 1 "what is for one person takes nothing away"
run 0 bill bundle write "$file"
is .kept 0 "what is for all says all of it"

step "what was written for one person stays when the next is for another, until it is for all, or for the same again"
run 0 asha add strength "A ladder"
run 0 asha bundle write "$work/each.coplan" --for bill
run 0 asha bundle write "$work/each.coplan" --for chen
is .kept 1 "bill's part"
run 0 asha bundle write "$work/each.coplan" --for chen
is .kept 1 "bill's part, and chen's own is said again"
for who in bill chen; do
    run 0 "$who" bundle read "$work/each.coplan"
    is '.taken + .known > 0' true "there is a part for $who"
    run 0 "$who" list strength
    holds 'any(.[]; .text == "A ladder")' "$who has it"
done
run 0 asha bundle write "$work/each.coplan"
is .kept 0 "for all"

step "once more round, and all four hold the same"
for who in dora chen asha bill; do
    run 0 "$who" bundle read "$file"
    is .refused 0 "$who"
    run 0 "$who" bundle write "$file"
done
for who in dora chen asha; do
    run 0 "$who" bundle read "$file"
done
same asha bill chen dora

step "what somebody wrote with --all stays until somebody writes with --all"
cp "$file" "$work/all.coplan"
run 0 asha bundle write "$work/all.coplan" --all
run 0 chen bundle read "$work/all.coplan"
run 0 chen bundle write "$work/all.coplan"
is .kept 1 "what asha wrote for somebody who was put back"
run 0 asha bundle write "$work/all.coplan"
is '.kept > 0' true "she keeps it too"
run 0 bill bundle read "$work/all.coplan"
is .refused 0
run 0 bill bundle write "$work/all.coplan" --all
run 0 dora bundle read "$work/all.coplan"
is .bundles 1 "bill's says it all"

step "a request to be let in takes nothing away either"
run 0 asha bundle write "$work/door.coplan" --all
entries=$(get .entries)
run 0 asha invite --out "$work/invite"
run 0 fay init --name fay --no-passphrase
run 0 fay join "$work/invite" --out "$work/door.coplan"
is .state waiting
run 0 asha invite --out "$work/invite"
run 0 gil init --name gil --no-passphrase
run 0 gil join "$work/invite" --out "$work/door.coplan"
run 0 gil join "$work/invite" --out "$work/door.coplan"
cp "$work/door.coplan" "$work/door.copy"
run 0 bill bundle read "$work/door.copy"
is '.taken + .known' "$entries" "what asha had put there for the others is still there"
run 0 asha bundle read "$work/door.copy"
is '.names | sort | join(" ")' "fay gil" "and both are let in"
is .refused 0
run 0 asha bundle write "$work/door.copy"
is .kept 1 "requests that were dealt with go, and what was written with --all stays"
run 0 fay bundle read "$work/door.copy"
run 0 gil bundle read "$work/door.copy"
run 0 gil people
holds 'map(.name) | contains(["fay", "gil"])' "gil is in, and knows fay"

step "a request that lies before the invitation it answers is answered in one reading, in one file and in a folder"
mkdir "$work/folder"
for guest in hal ivy; do
    run 0 asha invite --out "$work/invite"
    run 0 asha bundle write "$work/$guest.coplan" --all
    run 0 "$guest" init --name "$guest" --no-passphrase
    run 0 "$guest" join "$work/invite" --out "$work/$guest.coplan"
    # the second in a folder, where whatever name is read first one of the two comes too soon
    [ "$guest" = hal ] || for name in 1 3; do
        head -c 4096 "$work/ivy.coplan" >"$work/folder/$name.coplan"
    done
done
tail -c +4097 "$work/ivy.coplan" >"$work/folder/2.coplan"
held=$("$coplan" --home "$work/bill" --json digest | jq .entries)
run 0 bill bundle read "$work/hal.coplan"
is '.names | join(" ")' hal "the invitation came behind it"
is '[.refused, .why, .damaged] | tostring' '[0,null,0]' "nothing was refused that was not"
now=$("$coplan" --home "$work/bill" --json digest | jq .entries)
is .taken "$((now - held - 1))" "each entry is counted once; his own admits hal"
run 0 bill stick "$work/folder"
is '.names | unique | join(" ")' ivy
is '[.refused, .why, .damaged, .files] | tostring' '[0,null,0,3]' "of three files"

step "what stays refused ends it, though each reading answers the other request again"
run 0 asha invite --out "$work/invite"
run 0 joe init --name joe --no-passphrase
run 0 joe join "$work/invite" --out "$work/joe.coplan"
run 0 dora invite --out "$work/invite" # nobody has heard of this one
run 0 kim init --name kim --no-passphrase
run 0 kim join "$work/invite" --out "$work/kim.coplan"
cat "$work/joe.coplan" "$work/kim.coplan" >"$work/mixed.coplan"
run 0 asha bundle read "$work/mixed.coplan"
is '[.names[], .refused, .why] | map(tostring) | join(" ")' "joe 1 bad_invitation"

step "a torn part stays as it is, at the end; what is no bundle is left alone; and where nothing is written nothing changes"
run 0 eli init --name eli --no-passphrase
run 0 eli plan new "Elsewhere"
lets eli chen
run 0 eli bundle write "$work/elis.coplan"
head -c 3000 "$work/elis.coplan" >"$work/torn.coplan"
run 0 dora bundle write "$work/torn.coplan"
is .kept 1 "a torn part may be of use to somebody"
tail -c 3000 "$work/torn.coplan" >"$work/tail"
head -c 3000 "$work/elis.coplan" >"$work/head"
ok "byte by byte" cmp -s "$work/tail" "$work/head"
printf 'My shopping list\n' >>"$work/torn.coplan"
run 0 asha bundle read "$work/torn.coplan"
is '[.bundles, .not_for_us] | join(" ")' "2 1" "what stands before it is read"
printf 'My shopping list\n' >"$work/list.coplan"
refused 2 file_there dora bundle write "$work/list.coplan"
equal "My shopping list" "$(cat "$work/list.coplan")" "what is no bundle"
run 0 zoe init --name zoe --no-passphrase
run 0 zoe plan new "Alone"
cp "$file" "$work/before"
refused 2 nobody zoe bundle write "$file"
ok "the file is as it was" cmp -s "$file" "$work/before"

step "and what was written of one plan stays when the next is of another"
run 0 asha plan new "The second"
second=$(get .plan)
run 0 asha plan list
garden=$(jq -r --arg s "$second" '[.[].plan] - [$s] | .[0]' "$work/out")
GLOBAL="--plan $second"
lets asha bill
run 0 asha add strength "A spade"
run 0 asha bundle write "$work/plans.coplan"
GLOBAL="--plan $garden"
run 0 asha bundle write "$work/plans.coplan"
is .kept 1 "the other plan's part"
GLOBAL=""
run 0 bill bundle read "$work/plans.coplan"
is .bundles 2
GLOBAL="--plan $second"
run 0 bill list strength
is length 1 "bill has the spade"
GLOBAL=""

finish
