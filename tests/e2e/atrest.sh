# At rest: another passphrase, a home that locks itself, and "no passphrase" beside every answer that was given without one.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
echo "tea and toast" >"$work/old.pass"
echo "a red kite" >"$work/new.pass"
echo "wrong" >"$work/wrong.pass"
: >"$work/empty.pass"
head -c 2000 /dev/zero | tr '\0' a >"$work/long.pass"
with() { GLOBAL="--passphrase-file $work/$1.pass"; }
nobody() { GLOBAL=""; }

step "another passphrase"
with old
run 0 asha init --name Asha
run 0 asha unlock
run 0 asha plan new "The garden"
run 0 asha need --private "For myself"
run 0 asha backup "$work/before.backup"
nobody
refused 3 passphrase_needed asha passphrase --to "$work/new.pass"
with wrong
refused 2 wrong_passphrase asha passphrase --to "$work/new.pass"
with old
refused 3 passphrase_needed asha passphrase --to "$work/empty.pass"
refused 2 too_big asha passphrase --to "$work/long.pass"
refused 2 bad_file asha passphrase --to "$work/nowhere"
refused 2 usage asha passphrase --to "$work/new.pass" --none
run 0 asha lock
refused 3 locked asha passphrase --to "$work/new.pass"
run 0 asha unlock
cp "$work/asha/keys" "$work/keys.before"
run 0 asha passphrase --to "$work/new.pass"
keys . person passphrase
run 0 asha lock
refused 2 wrong_passphrase asha unlock
with new
run 0 asha unlock
run 0 asha freeze --stage agreement --anyway "to sign it"
version=$(get .version)
run 0 asha sign "$version" --agree
run 0 asha need --private "For myself, too"
nobody
run 0 asha daemon stop
with new
run 0 asha unlock
run 0 asha backup "$work/after.backup"
with old
refused 2 wrong_passphrase back restore "$work/after.backup"
run 0 back restore "$work/before.backup"
with new
run 0 back2 restore "$work/after.backup"
not "nothing of the old sealing is left in the key file" cmp -s "$work/keys.before" "$work/asha/keys"

step "of one person alone, on a device of several"
with old
run 0 tab init --name Asha
asha=$(get .person | cut -c1-10)
run 0 tab unlock
with new
run 0 tab person add --name Bill
bill=$(get .person | cut -c1-10)
GLOBAL="--as Asha --passphrase-file $work/old.pass"
run 0 tab passphrase --to "$work/wrong.pass"
GLOBAL="--as $bill --passphrase-file $work/new.pass"
run 0 tab lock
run 0 tab unlock
GLOBAL="--as Bill --passphrase-file $work/old.pass"
refused 2 wrong_passphrase tab passphrase --to "$work/new.pass"
GLOBAL="--as Asha --passphrase-file $work/old.pass"
refused 2 wrong_passphrase tab unlock
GLOBAL="--as $asha --passphrase-file $work/wrong.pass"
run 0 tab unlock
nobody

step "a home that locks itself"
with new
run 0 asha status
is .lock_seconds null "not unless it was set"
refused 2 usage asha home idle soon
refused 2 bad_value asha home idle 9000m
run 0 asha home idle 1s
is .lock_seconds 1
nobody
locked() { "$coplan" --home "$work/asha" --json status 2>/dev/null | jq -e .locked; }
ok "it does" until_true 10 locked
refused 3 locked asha add need "x"
with new
run 0 asha unlock
run 0 asha status
is .lock_seconds 1 "kept with the home"
run 0 asha home idle 0
run 0 asha status
is .lock_seconds null
nobody
home chen Chen
refused 2 no_passphrase chen home idle 1s # nobody could open it again by a passphrase that is not there
run 0 chen home idle 0

step "asking keeps it open; what only looks at the home from outside does not"
with new
run 0 asha home idle 3s
nobody
# Time itself is what is tested: four seconds of asking, judged only while this machine keeps up.
now_ms() { date +%s%3N; }
begun=$(now_ms)
asked=$begun
while [ $(($(now_ms) - begun)) -lt 4000 ]; do
    as asha list
    [ $(($(now_ms) - asked)) -lt 2500 ] || break
    asked=$(now_ms)
    equal 0 "$status" "open while somebody asks"
done
ok "and then it locks" until_true 15 locked
with new
run 0 asha unlock
run 0 asha home idle 0
nobody

step "\"no passphrase\" beside every answer that was given without one"
serve asha
with new
run 0 asha invite
invitation=$(get .invite)
nobody
run 0 chen join "$invitation"
run 0 chen freeze --stage agreement --anyway "to sign it"
version=$(get .version)
meet asha chen
run 0 chen sign "$version" --agree
with new
run 0 asha sign "$version" --agree
nobody
meet asha chen
run 0 asha agreement "$version"
is '[.answers[] | select(.method | endswith("no passphrase"))] | length' 1 "one of two"
"$coplan" --home "$work/asha" agreement "$version" >"$work/screen"
equal 1 "$(grep -c 'no passphrase' "$work/screen")" "agreement, on the screen"
run 0 asha proof "$version" --out "$work/proof"
equal 1 "$(grep -l 'no passphrase' "$work"/proof/answers/*.txt | wc -l)" "the answer's own text"
ok "the page of steps" grep -q 'no passphrase' "$work/proof/README.txt"
ok "verify is content" "$coplan" verify "$work/proof"
"$coplan" verify "$work/proof" >"$work/screen"
ok "verify, on the screen" grep -q 'no passphrase' "$work/screen"
for format in html easy-read; do
    run 0 asha export "$format" --version "$version" --out "$work/page.html"
    equal 1 "$(sed 's/<[^>]*>/ /g' "$work/page.html" | grep -o 'no passphrase' | wc -l)" "export $format"
done
for format in md json evidence; do
    run 0 asha export "$format" --out "$work/page.$format"
done
"$coplan" --home "$work/asha" status >"$work/screen"
not "a home with one does not say so" grep -q 'no passphrase' "$work/screen"
ok "one without does" sh -c "'$coplan' --home '$work/chen' status | grep -q 'no passphrase'"

step "none any more; and one again"
with new
run 0 asha passphrase --none
is .passphrase none
nobody
run 0 asha status
is .passphrase none
run 0 asha freeze --stage agreement --anyway "once more"
refused 2 no_passphrase asha lock
run 0 asha withdraw "$version"
run 0 asha sign "$version" --agree
run 0 asha agreement "$version"
is '[.answers[] | select(.method | endswith("no passphrase"))] | length' 2 "from then on"
run 0 asha passphrase --to "$work/old.pass"
run 0 asha lock
with new
refused 2 wrong_passphrase asha unlock
with old
run 0 asha unlock
finish
