# Sticks: files that carry a plan between machines that never share a network.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

stick="$work/stick"
mkdir "$stick"

step "three homes that never meet; two come in by stick alone"
for who in asha bill chen; do
    home "$who" "$who"
done
run 0 asha plan new "A garden for the street"
keys . plan
plan=$(get .plan)
run 0 asha add action "Build raised beds" lead=asha
run 0 asha add strength "We have tools"
run 0 asha invite --out "$work/invite.bill"
run 0 asha invite --out "$work/invite.chen"
refused 2 nobody asha bundle write "$work/alone.coplan"
ok "nothing is left behind" test ! -e "$work/alone.coplan"
for who in bill chen; do
    run 0 "$who" join "$work/invite.$who" --out "$work/ask.$who.coplan"
    is .state waiting "$who waits"
    ok "the request tells nobody a name" sh -c "! grep -a -q -i $who '$work/ask.$who.coplan'"
done
run 0 asha bundle read "$work/ask.bill.coplan"
is '.admitted | length' 1 "bill is let in"
is .damaged 0 "whole"
run 0 asha bundle read "$work/ask.bill.coplan"
is '.admitted | length' 1 "asking twice is harmless"
run 0 asha bundle read "$work/ask.chen.coplan"
run 0 asha people
is length 3 "three people"

step "the answer is a file for them"
run 0 asha bundle write "$work/all.coplan"
keys . bytes entries machines path plans
is .machines 2 "for two machines"
is '.bytes | . == pow(2; log2 | round)' true "its size is a power of two"
ok "the file holds no word" sh -c "! grep -a -q -i 'raised\|garden\|tools\|asha' '$work/all.coplan'"
for who in bill chen; do
    run 0 "$who" bundle read "$work/all.coplan"
    is .refused 0 "nothing refused"
    run 0 "$who" list
    is length 2 "$who has the plan"
done
run 0 bill bundle read "$work/all.coplan"
is .taken 0 "twice brings nothing"
is '.known > 5' true "and says that it is known"

step "the way back is what is missing"
run 0 bill add action "Ask the council" lead=bill
run 0 bill bundle write "$work/back.coplan" --for asha
is '.entries < 5' true "only what asha lacks"
small=$(get .entries)
run 0 bill bundle write "$work/whole.coplan" --for asha --all
is ".entries > $small" true "--all leaves nothing out"
run 0 asha bundle read "$work/back.coplan"
is .taken "$small" "taken"
refused 2 not_for_us chen bundle read "$work/back.coplan" # it was for asha only

step "one stick, carried round: after two rounds all hold the same"
run 0 chen add strength "We have time"
for round in 1 2; do
    for who in asha bill chen; do
        run 0 "$who" stick "$stick"
        is .refused 0 "$who in round $round"
    done
done
equal 3 "$(find "$stick" -name '*.coplan' | wc -l)" "each machine left one file"
equal 3 "$(find "$stick" -type f | wc -l)" "and nothing else"
run 0 asha digest
want=$(get "tojson")
for who in bill chen; do
    run 0 "$who" digest
    ok "$who holds the same" test "$(get "tojson")" = "$want"
done

step "on a stick too an older file of ours goes only when the new one says it all again"
mkdir "$work/other"
run 0 asha stick "$work/other" --all
whole=$(get .wrote.entries)
run 0 asha stick "$work/other"
equal 2 "$(find "$work/other" -type f | wc -l)" "what leaves nothing out is for somebody who lacks what they said they had"
run 0 asha stick "$work/other" --all
is .wrote.entries "$whole"
equal 1 "$(find "$work/other" -type f | wc -l)" "it says both again"
run 0 asha plan list
GLOBAL="--plan $(get '.[0].plan')"
run 0 asha stick "$work/other" --all
GLOBAL=""
equal 1 "$(find "$work/other" -type f | wc -l)" "and where there is no other plan, so does that plan's"

step "torn files are told, and what a writer that was killed left goes at the next"
: >"$stick/empty.coplan"
head -c 4096 /dev/zero >"$stick/zeros.coplan"
run 0 chen stick "$stick"
is .damaged 2 "neither reads like nothing new"
ok "in words" sh -c "'$coplan' --home '$work/chen' stick '$stick' | grep -q 'damaged or cut short'"
refused 2 bad_file chen bundle read "$stick/empty.coplan"
rm "$stick/empty.coplan" "$stick/zeros.coplan"
run 0 chen stick "$stick"
mine=$(get .wrote.path)
cp "$mine" "$mine.part-AbCdEf"
equal 4 "$(find "$stick" -type f | wc -l)" "with what was left of writing"
run 0 asha stick "$stick"
equal 4 "$(find "$stick" -type f | wc -l)" "nobody else touches it"
run 0 chen stick "$stick"
equal 3 "$(find "$stick" -type f | wc -l)" "it is gone with the file"
mkdir "$work/pulled"
run 0 chen daemon stop
if unshare -rm true 2>/dev/null && unshare -rm sh -c "mount -t tmpfs -o size=8k none '$work/pulled' || exit 9
        head -c 100000 /dev/zero >'$work/pulled/filler' 2>/dev/null
        '$coplan' --home '$work/chen' --json stick '$work/pulled' >'$work/full.json' 2>&1
        '$coplan' --home '$work/chen' --json daemon stop >/dev/null 2>&1
        true"; then
    equal disk_full "$(jq -r .error.code "$work/full.json")" "a stick with no room"
    ok "and it says which disk" sh -c "jq -r .error.message '$work/full.json' | grep -q -F '$work/pulled/'"
    # What was begun is remembered before the first byte, whatever becomes of the writer.
    begun=$(jq -r .error.message "$work/full.json" | grep -o '[0-9a-f]*[.]coplan')
    cp "$mine" "$stick/$begun" 2>/dev/null || : >"$stick/$begun"
    run 0 chen stick "$stick"
    not "a file that was begun and never ended" test -e "$stick/$begun"
else
    echo "   (no namespace of our own here: left out)"
fi
serve chen

step "somebody in two plans is one device"
run 0 bill plan new "The second"
second=$(get .plan)
GLOBAL="--plan $second"
run 0 bill invite --out "$work/second.invite"
GLOBAL=""
run 0 chen join "$work/second.invite" --out "$work/second.ask"
run 0 bill bundle read "$work/second.ask"
run 0 bill bundle write "$work/both.coplan"
is '[.plans, .machines] | join(" ")' "2 2" "asha in one, chen in both"

step "bad files"
echo "no bundle" >"$work/text.coplan"
refused 2 bad_file bill bundle read "$work/text.coplan" # no bundle
refused 2 bad_file bill bundle read "$work" # a folder
refused 2 bad_file bill bundle read "$work/nowhere" # not there
: >"$work/empty.coplan"
refused 2 bad_file bill bundle read "$work/empty.coplan" # empty
mkfifo "$work/pipe.coplan"
refused 2 bad_file bill bundle read "$work/pipe.coplan" # a pipe does not stop the daemon
refused 2 bad_file bill bundle write "$work/nowhere/file" # nowhere to write
home dora "dora"
refused 2 not_for_us dora bundle read "$work/all.coplan" # a stranger opens nothing
refused 2 no_plan dora bundle write "$work/dora.coplan" # no plan to write
refused 2 not_found asha bundle write "$work/x" --for nobody # nobody of that name

step "torn out at any byte: what is read is whole entries, and reading the rest later completes it"
run 0 asha import "$data/garden.csv"
home emma "emma"
run 0 asha invite --out "$work/invite.emma"
run 0 emma join "$work/invite.emma" --out "$work/ask.emma.coplan"
run 0 asha bundle read "$work/ask.emma.coplan"
run 0 asha bundle write "$work/torn.coplan" --for emma --all
size=$(wc -c <"$work/torn.coplan")
tries=${COPLAN_TEARS:-12}
for n in $(seq 1 "$tries"); do
    at=$((n * size / (tries + 1)))
    head -c "$at" "$work/torn.coplan" >"$work/part.coplan"
    if "$coplan" --home "$work/emma" --json bundle read "$work/part.coplan" >"$work/torn.json" 2>&1; then
        ok "cut at $at: nothing is refused for what it says" \
            jq -e '.refused == 0 and .damaged == 1' "$work/torn.json"
    else
        ok "cut at $at: too little to use" jq -e '.error.code | IN("truncated", "not_for_us", "bad_file")' "$work/torn.json"
    fi
done
run 0 emma bundle read "$work/torn.coplan"
is .damaged 0 "the whole file"
run 0 emma digest
emma=$(get "tojson")
run 0 asha digest
ok "emma holds what asha holds" test "$(get "tojson")" = "$emma"

step "a changed byte is noticed, whatever byte it is"
for at in 3 20 25 40 700 5000 9000; do
    [ "$at" -lt "$size" ] || continue
    cp "$work/torn.coplan" "$work/bent.coplan"
    byte=$(od -An -tu1 -j "$at" -N 1 "$work/bent.coplan" | tr -d ' ')
    printf '%b' "\\0$(printf %o $((byte ^ 1)))" | dd of="$work/bent.coplan" bs=1 seek="$at" conv=notrunc 2>/dev/null
    if "$coplan" --home "$work/emma" --json bundle read "$work/bent.coplan" >"$work/bent.json" 2>&1; then
        ok "byte $at" jq -e '.damaged == 1' "$work/bent.json"
    else
        ok "byte $at" jq -e '.error.code | IN("bad_file", "not_for_us", "bad_signature", "not_canonical", "too_big", "truncated")' "$work/bent.json"
    fi
done
run 0 emma digest
ok "and nothing was changed" test "$(get "tojson")" = "$emma"

step "a machine that was set back: the file is whole, and says what is missing; its own next file mends it"
run 0 emma daemon stop
cp -R "$work/emma" "$work/emma.old"
run 0 asha add strength "We have a shed"
run 0 asha bundle write "$work/1.coplan" --for emma
run 0 emma bundle read "$work/1.coplan"
run 0 emma bundle write "$work/2.coplan" --for asha
run 0 asha bundle read "$work/2.coplan"
run 0 emma daemon stop
rm -rf "$work/emma"
mv "$work/emma.old" "$work/emma"
run 0 asha add strength "We have a kettle"
run 0 asha bundle write "$work/3.coplan" --for emma
is '.entries' 1 "asha believes that emma holds the rest"
refused 2 missing_parent emma bundle read "$work/3.coplan"
run 0 emma bundle write "$work/4.coplan" --for asha
run 0 asha bundle read "$work/4.coplan"
run 0 asha bundle write "$work/5.coplan" --for emma
cat "$work/3.coplan" "$work/torn.coplan" >"$work/both.coplan"
run 0 emma bundle read "$work/both.coplan"
is .damaged 0 "what cannot be taken in yet is not called damaged"
is '.refused > 0' true "it is called refused"
is .why missing_parent "with the reason"
cat "$work/3.coplan" "$work/5.coplan" >"$work/both.coplan"
run 0 emma bundle read "$work/both.coplan"
is '[.taken, .refused, .why] | tostring' '[2,0,null]' "what it rests on may lie behind it"
run 0 emma digest
emma=$(get "tojson")
run 0 asha digest
ok "both hold the same" test "$(get "tojson")" = "$emma"
alive asha
step "what is no bundle is never written over; what is sealed may be read by whoever carries it"
cp "$work/asha/keys" "$work/keys.before"
refused 2 bad_file asha bundle write "$work/asha/keys"
ok "the keys" cmp "$work/keys.before" "$work/asha/keys"
echo "a letter" >"$work/letter.txt"
refused 2 file_there asha bundle write "$work/letter.txt"
home finn finn
run 0 asha invite --out "$work/invite.finn"
refused 2 file_there finn join "$work/invite.finn" --out "$work/letter.txt"
equal "a letter" "$(cat "$work/letter.txt")" "what stood there"
refused 2 bad_file asha bundle write "$work"
: >"$work/empty.coplan"
run 0 asha bundle write "$work/empty.coplan"
equal 644 "$(stat -c %a "$work/empty.coplan")" "who may read it"

step "a stick with a name in no language we know, one that may not be read, a request, a plan of others"
odd="$work/odd"
mkdir "$odd"
cp "$work/all.coplan" "$odd/$(printf 'f\374r').coplan"
cp "$work/text.coplan" "$odd/locked.coplan"
chmod 000 "$odd/locked.coplan"
unread=1
[ "$(id -u)" = 0 ] || unread=2
run 0 finn join "$work/invite.finn" --out "$odd/finn.coplan"
run 0 bill plan new "Another plan"
other=$(get .plan)
run 0 bill --plan "$other" invite --out "$work/invite.other"
run 0 chen join "$work/invite.other"
run 0 bill --plan "$other" bundle write "$odd/other.coplan"
run 0 asha stick "$odd"
is .unread "$unread" "what could not be read"
is '.names | join(" ")' finn "who was let in"
run 0 finn stick "$odd"
run 0 finn list
is 'length > 2' true "she has the plan"

step "of one plan alone: the file with the others stays on the stick"
run 0 bill stick "$odd"
whole=$(get .wrote.path)
run 0 bill --plan "$other" stick "$odd"
ok "the older file" test -e "$whole"
run 0 bill stick "$odd"
not "the older file" test -e "$whole"

step "what was taken is said though nothing can be written, and what is missing is told"
chmod 700 "$odd/locked.coplan"
"$coplan" --home "$work/asha" stick "$work/no-such-folder" >"$work/out" 2>&1
holds_text() { grep -q "$1" "$work/out"; }
not "nothing was taken" holds_text "Taken in"
home gina gina
run 0 gina plan new "Alone"
"$coplan" --home "$work/gina" --passphrase-file "$work/gina.pass" stick "$odd" >"$work/out" 2>&1
ok "taken in is said" holds_text "Taken in"
ok "and that she is alone" holds_text "nobody else"

step "who is let in is told so, and why a request has to wait is said in words"
home hugo Hugo
ways="$work/ways"
mkdir "$ways"
run 0 asha --plan "$plan" invite --out "$work/invite.hugo"
run 0 hugo join "$work/invite.hugo" --out "$ways/hugo.coplan"
"$coplan" --home "$work/chen" --plan "$plan" stick "$ways" >"$work/out" 2>&1
ok "chen, who has not heard of that invitation" holds_text "their invitation is not known on this device"
not "no code" holds_text "bad_invitation"
"$coplan" --home "$work/asha" --plan "$plan" stick "$ways" >"$work/out" 2>&1
ok "asha lets him in, and the next line writes what he needs" holds_text "Hugo is let in. What they need goes onto the stick now"
"$coplan" --home "$work/hugo" stick "$ways" >"$work/out" 2>&1
ok "he is told himself" holds_text "You are in\."
not "as he, and as nobody who has to write a file" holds_text "Hugo is let in"
finish
