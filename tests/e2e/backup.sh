# Backups: the whole home in one sealed file, while the daemon works; back from it into an empty folder; and everything
# that is no whole backup of ours is refused with nothing touched.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
echo "tea and toast" >"$work/asha.pass"
echo "a red kite" >"$work/bill.pass"
echo "wrong" >"$work/wrong.pass"
by() { GLOBAL="--passphrase-file $work/$1.pass"; }
nobody() { GLOBAL=""; }
# left HOME : what lies in a folder that is meant to be no home
left() { find "$work/$1" -mindepth 1 ! -name lock ! -name log ! -name socket ! -name control 2>/dev/null | sort | tr '\n' ' '; }

step "a home with a plan, something private, and two people"
by asha
run 0 tab init --name Asha
asha=$(get .person)
run 0 tab unlock
run 0 tab plan new "The Zanzibar garden"
run 0 tab add need "A Quokka bench"
run 0 tab need --private "A Narwhal for myself"
by bill
run 0 tab person add --name Bill
nobody
GLOBAL="--as Asha"
run 0 tab invite
invitation=$(get .invite)
GLOBAL="--as Bill --passphrase-file $work/bill.pass"
run 0 tab join "$invitation"
nobody
GLOBAL="--as Asha"
run 0 tab digest
before=$(get 'tojson')

step "written while the daemon works"
run 0 tab backup "$work/a.backup"
keys . path time bytes plans entries persons no_passphrase
is .plans 1
is .persons 2
is .no_passphrase false
is '.entries > 4' true
equal "$(get .bytes)" "$(size "$work/a.backup")" "its size"
ok "only we may read it" test "$(stat -c %a "$work/a.backup")" = 600
equal 0 "$(find "$work" -maxdepth 1 -name '*.part-*' | wc -l)" "nothing else is left"
for word in Zanzibar Quokka Narwhal Asha Bill "$asha" SQLite; do
    not "the file holds no $word" grep -a -q -i "$word" "$work/a.backup"
done
ok "nor the person's id" sh -c "! xxd -p '$work/a.backup' | tr -d '\n' | grep -q '$asha'"
run 0 tab add need "Written after it"
run 0 tab backup "$work/b.backup"
run 0 tab backup "$work/b.backup" # an older one is replaced
differ "$(head -c 200 "$work/a.backup" | md5sum)" "$(head -c 200 "$work/b.backup" | md5sum)" "two backups"
echo "my holiday" >"$work/holiday.txt"
refused 2 bad_file tab backup "$work/holiday.txt"
equal "my holiday" "$(cat "$work/holiday.txt")" "what is no backup is not written over"
ln -s round "$work/round"
refused 2 bad_file tab backup "$work/round"
ok "nor what cannot be read" test -L "$work/round"
refused 2 bad_file tab backup "$work/nowhere/file"
refused 2 bad_file tab backup "$work"
refused 2 usage tab backup
nobody
run 0 tab lock
refused 3 locked tab backup "$work/c.backup"
ok "nothing is left behind" test ! -e "$work/c.backup"

step "a home that exists is left alone"
by asha
refused 2 home_exists tab restore "$work/a.backup"
GLOBAL="--as $(echo "$asha" | cut -c1-10) --passphrase-file $work/asha.pass"
run 0 tab unlock
nobody

step "not with another passphrase, not without; nothing is touched"
refused 3 passphrase_needed new restore "$work/a.backup"
by wrong
refused 2 wrong_passphrase new restore "$work/a.backup"
equal "" "$(left new)" "the folder is as empty as before"

step "back, with the passphrase of either"
by asha
run 0 new restore "$work/a.backup"
is .plans 1
is .persons 2
is .no_passphrase false
equal "keys plan.db plan.db.marker private " "$(find "$work/new" -mindepth 1 ! -name lock ! -name log ! -name socket ! -name control ! -name 'plan.db-*' -printf '%f\n' | sed 's/-.*//' | sort | tr '\n' ' ')" "a home and nothing else"
nobody
run 0 new status
is .locked true "it stays locked until somebody unlocks it"
is .restored null "a locked home says nothing of itself"
GLOBAL="--as $(echo "$asha" | cut -c1-10) --passphrase-file $work/asha.pass"
run 0 new unlock
nobody
GLOBAL="--as Asha"
run 0 new digest
equal "$before" "$(get 'tojson')" "as of the moment of the backup"
run 0 new private list
is '.[0].text' "A Narwhal for myself" "private words too"
run 0 new status
is '.restored.back' false "it says that it was put back"
is '.restored.backup_of > 0' true "and of when"
"$coplan" --home "$work/new" --as Asha status >"$work/words"
ok "in words" grep -q 'Nobody did anything wrong' "$work/words"
ok "and what does not come back by meeting" grep -q 'Is a plan not here? Ask somebody in it to invite you again' "$work/words"
run 0 new status --seen
is .restored null "put away"
nobody
by bill
run 0 other restore "$work/a.backup"
nobody
refused 2 home_exists other restore "$work/b.backup"

step "asked plainly, the home that is here goes into a folder of its own"
run 0 other daemon status
before=$(get .pid)
by asha
run 0 other restore "$work/b.backup" --set-aside
nobody
run 0 other daemon status
is .pid "$before" "whoever put it back is still there"
ok "the old one is there whole" test -f "$work/other/before-restore-1/keys" -a -f "$work/other/before-restore-1/plan.db"
GLOBAL="--as $(echo "$asha" | cut -c1-10) --passphrase-file $work/asha.pass"
run 0 other unlock
nobody
GLOBAL="--as Asha"
run 0 other list need
holds 'any(.[]; .text == "Written after it")' "the newer one"
run 0 other add need "It goes on"
nobody
by wrong
refused 2 wrong_passphrase other restore "$work/a.backup" --set-aside
nobody
GLOBAL="--as Asha"
run 0 other list need
holds 'any(.[]; .text == "It goes on")' "and nothing was touched by what was refused"
nobody

step "cut off after it counted: it is finished at the next start"
run 0 other daemon stop
mkdir "$work/cut" "$work/cut/restore.ready"
chmod 700 "$work/cut"
cp "$work/other/before-restore-1"/keys "$work/cut/restore.ready/"
mv "$work/other/before-restore-1"/plan.db "$work/cut/restore.ready/"
printf 'before-restore-1' >"$work/cut/restore.ready/aside"
echo "an older home" >"$work/cut/keys"
GLOBAL="--as $(echo "$asha" | cut -c1-10) --passphrase-file $work/asha.pass"
run 0 cut unlock
nobody
equal "an older home" "$(cat "$work/cut/before-restore-1/keys")" "what was there went aside"
ok "nothing is left of it" test ! -e "$work/cut/restore.ready"
GLOBAL="--as Asha"
run 0 cut list need
nobody

step "cut off before it counted: as if it had not been"
mkdir -p "$work/half/restore.part"
chmod 700 "$work/half"
echo "half" >"$work/half/restore.part/plan.db"
refused 2 no_home half status
by asha
run 0 half restore "$work/a.backup"
nobody

step "files that are no whole backup"
echo "no backup" >"$work/text"
: >"$work/empty"
mkfifo "$work/pipe"
printf 'coplan backup 1\n' >"$work/magic"
sed '1s/1/2/' "$work/a.backup" >"$work/newer"
by asha
for bad in text empty pipe magic newer; do
    case $bad in
    newer) want=newer_file ;;
    magic) want=damaged_file ;;
    *) want=bad_file ;;
    esac
    refused 2 "$want" bad restore "$work/$bad"
done
refused 2 bad_file bad restore "$work/missing"
refused 2 bad_file bad restore "$work"
size=$(size "$work/a.backup")
for n in 1 2 3 4 5 6 7 8 9 10; do
    at=$((n * size / 11))
    head -c "$at" "$work/a.backup" >"$work/cut.backup"
    refused 2 damaged_file bad restore "$work/cut.backup"
done
head -c $((size - 1)) "$work/a.backup" >"$work/cut.backup"
refused 2 damaged_file bad restore "$work/cut.backup"
(cat "$work/a.backup"; echo more) >"$work/more.backup"
refused 2 damaged_file bad restore "$work/more.backup"
for at in 20 40 70 100 180 300 600 3000 $((size / 2)) $((size - 20)); do
    cp "$work/a.backup" "$work/bent.backup"
    flip "$work/bent.backup" "$at" 4
    refused 2 damaged_file bad restore "$work/bent.backup"
done
equal "" "$(left bad)" "nothing was touched"
nobody
refused 2 no_home bad status

step "a full disk leaves no half home"
# A disk of its own in a namespace of ours, where the command starts the daemon; it ends with the shell in there.
on_small_disk() {
    unshare -rm sh -c "mount -t tmpfs -o size=$1k,mode=700 none '$work/small' || exit 9
        '$coplan' --home '$work/small' --json --passphrase-file '$work/asha.pass' restore '$work/a.backup' >'$work/full.json' 2>&1
        echo \$? >'$work/full.status'
        ls '$work/small' >'$work/full.ls'
        '$coplan' --home '$work/small' --json daemon stop >/dev/null 2>&1
        true" || return 1
}
mkdir "$work/small"
if unshare -rm true 2>/dev/null && on_small_disk 1024; then
    equal 0 "$(cat "$work/full.status")" "exit status on a disk that is large enough"
    ok "a home" grep -q keys "$work/full.ls"
    for kib in 40 64 88 112 136; do
        on_small_disk "$kib"
        if [ "$(cat "$work/full.status")" = 0 ] && [ "$kib" -gt 100 ]; then
            ok "$kib KiB: whole" grep -q keys "$work/full.ls"
            continue
        fi
        equal 3 "$(cat "$work/full.status")" "$kib KiB: exit status"
        equal disk_full "$(jq -r .error.code "$work/full.json")" "$kib KiB: the code"
        not "$kib KiB: no key file" grep -q keys "$work/full.ls"
        not "$kib KiB: no half of one" grep -q restore "$work/full.ls"
    done
else
    echo "   (no namespace of our own here: left out)"
fi

step "no passphrase: it says so, and opens without"
home plain Chen
run 0 plain plan new "Open"
run 0 plain backup "$work/plain.backup"
is .no_passphrase true "labelled"
ok "in words" sh -c "'$coplan' --home '$work/plain' backup '$work/plain.backup' | grep -q 'no passphrase'"
run 0 plain2 restore "$work/plain.backup"
is .no_passphrase true
run 0 plain2 status
is .locked false
is '.plans | length' 1
is '.restored.back' false
finish
