#!/bin/sh
# Who has seen what: in words and in JSON, from meetings and from stick files; and "in sync" only when it was proven.
. "$(dirname "$0")/lib.sh"

# of NAME : the row of that person's device, among the rows that came last, as one line
of() { jq -c --arg n "$1" 'map(select(.name == $n)) | .[0]' "$work/out"; }
# row HOME NAME FILTER EXPECTED WHAT : of `peers`
row() {
    run 0 "$1" peers
    equal "$4" "$(of "$2" | jq -r "$3")" "$5"
}
# says HOME TEXT WHAT : `peers`, for people
says() {
    checks=$((checks + 1))
    "$coplan" --home "$work/$1" peers >"$work/words" 2>&1
    grep -q -F "$2" "$work/words" || { bad "$3: no \"$2\""; sed 's/^/   /' "$work/words"; }
}
# others HOME : the counts of `status`
others() {
    run 0 "$1" status
    get '.plans[0].others | [.devices, .everything, .unheard] | join(" ")'
}

step "alone in a plan"
home asha Asha
run 0 asha plan new "The yard"
run 0 asha peers
is length 0 "there is nobody to know of"
equal "0 0 0" "$(others asha)" "status"

step "somebody came in by paper: nothing is known of their device"
home chen Chen
run 0 asha invite --out "$work/invite"
run 0 chen join "$work/invite" --out "$work/ask.coplan"
run 0 asha bundle read "$work/ask.coplan"
row asha Chen .has null "nothing is guessed"
row asha Chen .in_sync false "and not in sync"
says asha "We do not know yet what Chen has." "in words"
equal "1 0 1" "$(others asha)" "status"

step "after a meeting the other has everything"
home bill Bill
bring asha bill
meet bill asha
row asha Bill .has.everything true "of the one who was called"
row asha Bill .has.how met "how we know"
row asha Bill .in_sync true "in sync: nothing happened since"
row bill Asha .has.everything true "and of the one who called"
says asha "Bill has all the words that are here. You met on" "in words"
equal "2 1 1" "$(others asha)" "status"

step "an edit later: up to which one the other has it, and no longer in sync"
add asha action "Plant beans"
run 0 asha set "$id" due=2031-05-01
until_edit=$(get .entry)
meet bill asha
run 0 asha set "$id" due=2031-06-01
run 0 asha set "$id" "details=By the wall"
row asha Bill .has.everything false "not everything any more"
row asha Bill .has.lacks 2 "two entries"
row asha Bill .has.up_to.entry "$until_edit" "up to this edit of mine"
row asha Bill .in_sync false "not in sync"
says asha "Bill has all the words up to your edit of " "in words"
says asha "Later ones may not be there yet: 2." "how many"
run 0 bill add action "Bill's own"
row bill Asha .has.lacks 1 "the other way round"
row bill Asha .has.up_to null "Bill had written nothing before"
says bill "Asha has not all that is here, as far as we know." "in words"
"$coplan" --home "$work/asha" status >"$work/words" 2>&1
ok "status says it in words" grep -q -F "0 of 2 other devices have all the words that are here; of 1 we know nothing yet." "$work/words"

step "heard by stick, under their signature"
run 0 asha bundle write "$work/1.coplan"
run 0 bill bundle read "$work/1.coplan"
run 0 chen bundle read "$work/1.coplan"
row asha Bill .has.lacks 2 "handing a file over proves nothing"
run 0 bill bundle write "$work/old.coplan"
run 0 bill add action "Weed on Fridays"
run 0 bill bundle write "$work/2.coplan"
run 0 chen bundle write "$work/3.coplan" --for Asha
run 0 asha bundle read "$work/2.coplan"
run 0 asha bundle read "$work/3.coplan"
row asha Bill '[.has.how, .has.everything] | join(" ")' "stick true" "of Bill"
row asha Bill '.has.said_at <= .has.heard_at' true "when it was said, and when heard"
row asha Bill .in_sync false "in sync is for meetings alone"
row asha Chen '.has | [.how, .everything, .lacks > 0] | join(" ")' "stick false true" "Chen's file is older than what Bill wrote"
row asha Chen .has.up_to.entry "$(of Chen >/dev/null; run 0 asha log; get '[.[] | select(.name == "Asha" and .what.kind == "set")] | .[-1].entry')" \
    "up to my last edit"
says asha "as we heard by stick or at a carrier on" "in words"
equal "2 1 0" "$(others asha)" "status"

step "an older file, and one that was changed, tell nothing new"
run 0 asha bundle read "$work/old.coplan"
row asha Bill .has.everything true "the older one does not take back what is known"
cp "$work/2.coplan" "$work/bent.coplan"
flip "$work/bent.coplan" $(($(size "$work/bent.coplan") / 2))
as asha bundle read "$work/bent.coplan"
row asha Bill .has.everything true "nor does a damaged one"

step "it is remembered"
meet chen asha
row asha Chen .in_sync true "met"
killed_pid=$(cat "$work/asha.pid")
kill -9 "$killed_pid"
gone "$killed_pid"
ended asha
row asha Chen '[.has.how, .has.everything, .in_sync] | map(tostring) | join(" ")' "met true true" "after a power cut"

step "somebody who was set back: their new word counts, not what we knew"
run 0 chen daemon stop
cp -R "$work/chen" "$work/chen.old"
serve asha
run 0 asha add action "After the copy"
address asha
run 0 chen sync "$address"
row asha Chen .has.everything true "before"
run 0 chen daemon stop
rm -rf "$work/chen"
mv "$work/chen.old" "$work/chen"
run 0 chen bundle write "$work/4.coplan" --for Asha --all
run 0 asha bundle read "$work/4.coplan"
row asha Chen '[.has.how, .has.everything, .has.lacks > 0] | map(tostring) | join(" ")' "stick false true" "after"

step "a locked home tells nobody who has what"
echo "long words of mine" >"$work/pass"
GLOBAL="--passphrase-file $work/pass"
run 0 lola init --name Lola
run 0 lola plan new "Locked away"
run 0 lola lock
GLOBAL=""
run 0 lola status
is '.plans[0].others' null "status"
refused 3 locked lola peers

finish
