# A hunt for plain words: marked words in every kind of field, through the commands; then, with the home locked, in the database,
# its log, keys, private files, logs, sticks, backups, what went over the wire, and the daemon's memory: none.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
M=Zqwhunt # every planted word begins so
echo "${M}pass of asha" >"$work/asha.pass"
echo "${M}pass of bill" >"$work/bill.pass"
asha() { GLOBAL="--passphrase-file $work/asha.pass"; }
bill() { GLOBAL="--passphrase-file $work/bill.pass"; }
nobody() { GLOBAL=""; }
# hunt WHAT FILE... : the word stands in none of them, nor in hex or base 64, nor backwards
hex=$(printf %s "$M" | xxd -p)
base64=$(printf '%s' "${M}xx" | base64 | cut -c1-8)
hunt() {
    hunt_what=$1
    shift
    for hunted in "$@"; do
        [ -f "$hunted" ] || continue
        hunts=$((hunts + 1))
        not "$hunt_what ($(basename "$hunted"))" grep -a -q -i -F -e "$M" -e "$hex" -e "$base64" "$hunted"
    done
}
hunts=0

step "the hunt finds what is there"
echo "xx ${M}one" >"$work/bait"
ok "bait" grep -a -q -i -F -e "$M" "$work/bait"

step "marked names, passphrases, and a plan"
asha
run 0 asha init --name "${M}asha"
person=$(get .person)
sheet=$(get .recovery)
run 0 asha unlock
bill
run 0 bill init --name "${M}bill"
run 0 bill unlock
nobody
serve asha
serve bill
asha
run 0 asha plan new "${M}title"
run 0 asha invite --out "$work/invitation"
nobody
bill
run 0 bill join "$work/invitation"
is .state in
nobody

step "every kind of item and every field of words, through the commands"
sed -n 's/^ *X([0-9]*, "\([a-z_]*\)", \(TEXT\|LINE\|OPEN\),.*/\1/p' "$COPLAN_SRC/proto/kinds.c" | sort -u >"$work/fields"
ok "fields are found" test "$(wc -l <"$work/fields")" -gt 20
planted=0
: >"$work/took"
plant() { # TARGET : all fields that this takes
    while read -r field; do
        as asha set "$1" "$field=${M}$field"
        [ "$status" -ne 0 ] || { planted=$((planted + 1)); echo "$field" >>"$work/took"; }
    done <"$work/fields"
}
plant plan
plant me
for kind in priority benefit inaction need strength concern value evidence resource obstacle risk criterion option action someone; do
    add asha "$kind" "${M}$kind"
    plant "$id"
    eval "item_$kind=\$id"
done
echo "   $planted values planted in $(sort -u "$work/took" | wc -l) fields of $(wc -l <"$work/fields")"
checks=$((checks + 1))
[ "$planted" -gt 100 ] || bad "only $planted values were planted"
# shellcheck disable=SC2154  # by eval above
run 0 asha set "$item_action" "text.cy=${M}cymraeg"
for kind in comment reply presented choice negotiation progress review achievement learning contact consent meeting; do
    as asha note "$kind" "$item_need" "${M}note$kind"
done
run 0 asha rate "$item_need" importance 3 --why "${M}rating"
run 0 asha need --private "${M}privately"
printf 'text,%scolumn\r\n%srow,%scell\r\n' "$M" "$M" "$M" >"$work/table.csv"
run 0 asha import "$work/table.csv"
rm -f "$work/table.csv"
awk -v m="${M}letter " 'BEGIN { for (i = 0; i < 9000; i++) printf "%s", m }' >"$work/letter.txt"
run 0 asha attach "$item_action" "$work/letter.txt" --alt "${M}alt"
letter=$(get .id)
rm -f "$work/letter.txt"
run 0 bill fetch --all
run 0 asha freeze --stage agreement --anyway "${M}anyway"
version=$(get .version)
asha
run 0 asha sign "$version" --worry "${M}worry" --would-agree-if "${M}if"
run 0 asha mandate --to "${M}bill" --until 2031-01-01 --limits "${M}limits"
nobody
as asha receipt "$version" --to "${M}bill" --state could-not --why "${M}receipt"
run 0 asha export json --out "$work/plain.json"
ok "it is all there to be found" test "$(grep -o "$M" "$work/plain.json" | wc -l)" -gt 100

step "over the wire, by stick, and in a backup"
address asha
python3 "$COPLAN_SRC/tests/e2e/_relay.py" "$address" "$work/wire" >"$work/relay.port" &
relay=$!
ok "a wire that listens" until_true 10 test -s "$work/relay.port"
run 0 bill sync "127.0.0.1:$(cat "$work/relay.port")"
kill "$relay"
holds 'all(.[]; .in_sync)' "all of it went over"
ok "it was heard" test "$(size "$work/wire")" -gt 5000
run 0 bill list need
ok "bill has the words" grep -q "${M}why" "$work/out"
run 0 bill attachments
is ".[] | select(.id == \"$letter\") | .state" here "and the letter"
run 0 asha save "$letter" "$work/letter.out"
ok "as it was" grep -q "${M}letter" "$work/letter.out"
rm -f "$work/letter.out"
run 0 asha bundle write "$work/stick.coplan" --all
run 0 asha backup "$work/home.backup"
bill
run 0 asha invite
run 0 bill daemon stop
nobody
hunt "the wire" "$work/wire"
hunt "a stick" "$work/stick.coplan"
hunt "a backup" "$work/home.backup"

step "the home, while it is open: what lies on the disk is sealed even then"
for file in "$work"/asha/*; do hunt "an open home" "$file"; done

step "locked: the disk, and the daemon's memory"
asha
run 0 asha lock
nobody
for file in "$work"/asha/* "$work"/bill/*; do hunt "a locked home" "$file"; done
for file in "$work"/asha/* "$work"/bill/*; do
    [ -f "$file" ] || continue
    not "no recovery sheet either ($(basename "$file"))" grep -a -q -F -e "$sheet" -e "$(echo "$sheet" | tr -d -)" "$file"
done
not "nor the person's id in the database" sh -c "xxd -p '$work/asha/plan.db' | tr -d '\n' | grep -q '$person'"
pid=$(cat "$work/asha.pid")
# The network library ends its threads' work a moment after the port is closed.
clean_memory() { [ "$(python3 "$COPLAN_SRC/tests/e2e/_memory.py" "$pid" "$M" 2>/dev/null)" = 0 ]; }
until_true 5 clean_memory
found=$(python3 "$COPLAN_SRC/tests/e2e/_memory.py" "$pid" "$M" 2>"$work/places")
case $? in
0)
    equal 0 "$found" "marked words in the locked daemon's memory"
    cut -c1-300 "$work/places"
    ;;
77) ok "nobody of this user may read its memory" true ;;
*) bad "the memory could not be searched" ;;
esac
if command -v gcore >/dev/null; then
    # Refused to everybody but root; what root gets is searched like anything else.
    if (ulimit -c 0; gcore -o "$work/core" "$pid" >"$work/gcore.out" 2>&1); then
        hunt "a core" "$work/core.$pid"
        rm -f "$work/core.$pid"
    fi
fi
ok "no core of its own" sh -c "grep 'Max core file size' /proc/$pid/limits | grep -q ' 0  *0 '"
alive asha

step "stopped, and killed: the disk again"
run 0 asha daemon stop
for file in "$work"/asha/*; do hunt "a stopped home" "$file"; done
asha
run 0 asha daemon start
pid=$(get .pid)
echo "$pid" >"$work/asha.pid"
run 0 asha add need "${M}late"
kill -9 "$(cat "$work/asha.pid")"
ended asha
nobody
for file in "$work"/asha/*; do hunt "a home whose daemon was killed" "$file"; done
checks=$((checks + 1))
[ "$hunts" -gt 20 ] || bad "only $hunts files were searched"
finish
