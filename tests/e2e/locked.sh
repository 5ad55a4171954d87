# A locked home is searched byte by byte (database, WAL, key files, logs) for words that were planted in every
# place where a person can say something: none is found. The same hunt finds them in an export, so it works.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# hunt FOLDER : prints each planted word that stands in a file below, and where; narrow or two bytes a letter
hunt() {
    while read -r word; do
        LC_ALL=C grep -r -a -l -i -F -e "$word" "$1" 2>/dev/null | sed "s/^/$word in /"
        wide=$(printf '%s' "$word" | sed 's/./&\\x00/g; s/\\x00$//')
        LC_ALL=C grep -r -a -l -P -e "$wide" "$1" 2>/dev/null | sed "s/^/$word (wide) in /"
    done <"$work/planted"
}
# nothing_in FOLDER WHEN
nothing_in() {
    checks=$((checks + $(wc -l <"$work/planted")))
    found=$(hunt "$1")
    [ -z "$found" ] || bad "planted words $2: $(echo "$found" | sort -u | head -30)"
}
# The words occur nowhere else, each in another place; whoever adds a place adds a word.
cat >"$work/planted" <<'WORDS'
zebrafinch
quokkahouse
marmaladesky
pangolinwalk
ocelotbench
narwhaltea
axolotlsong
capybarabus
dugongdoor
echidnaeve
fossafence
gharialgate
hoatzinhour
ibexisland
jerboajam
kinkajoukite
lemurlamp
markhormoon
numbatnight
okapioven
platypuspen
quollquilt
saigasocks
tarsiertable
wombatwindow
WORDS
printf 'wombatwindow is my passphrase\n' >"$work/pass"
printf 'not the one\n' >"$work/wrong"
printf 'what,fossafence\r\ngharialgate,hoatzinhour\r\n' >"$work/plan.csv"
with="--passphrase-file $work/pass"

step "words are planted wherever a person can say something"
GLOBAL=$with
run 0 asha init --name "Asha zebrafinch"
recovery=$(get .recovery)
differ "" "$recovery" "the recovery sheet"
serve asha
run 0 asha plan new "quokkahouse plan"
add asha action "marmaladesky first words" "plain=pangolinwalk" "text.cy=ocelotbench"
action=$id
run 0 asha set "$action" "details=narwhaltea"
run 0 asha set "$action" "details=axolotlsong"
run 0 asha rate "$action" fairness 3 --why "capybarabus"
run 0 asha note comment "$action" "dugongdoor"
run 0 asha set plan "purpose=echidnaeve"
run 0 asha import "$work/plan.csv"
add asha obstacle "ibexisland" "early_signs=jerboajam"
run 0 asha set "$id" "state=set aside"

step "also by somebody else, whose words come in a meeting"
GLOBAL=""
home bill "Bill kinkajoukite"
GLOBAL=$with
run 0 asha invite
invitation=$(get .invite)
GLOBAL=""
run 0 bill join "$invitation"
run 0 bill add need "lemurlamp"
run 0 bill set "$action" "text=markhormoon"
address bill
GLOBAL=$with
run 0 asha set "$action" "text=numbatnight"
run 0 asha sync "$address"
holds 'all(.[]; .in_sync)' "asha and bill are in sync"
run 0 asha choose "$action" text --write "okapioven"
run 0 asha freeze --stage agreement --anyway "We say what is open"
version=$(get .version)
run 0 asha sign "$version" --worry "platypuspen" --would-agree-if "quollquilt"
run 0 asha freeze --stage comment --anyway "saigasocks"
run 0 asha set me "name=tarsiertable"

step "the hunt finds them all where they may be seen"
mkdir "$work/open"
for format in json md csv; do run 0 asha export "$format" --out "$work/open/plan.$format"; done
run 0 asha log
cp "$work/out" "$work/open/log"
run 0 asha show "$action"
cp "$work/out" "$work/open/show"
run 0 asha proof "$version" --out "$work/open/proof"
run 0 asha people
cp "$work/out" "$work/open/people"
found=$(hunt "$work/open" | cut -d' ' -f1 | sort -u | wc -l | tr -d ' ')
[ "$found" -ge 15 ] || bad "only $found planted words in what an open home shows: the hunt proves nothing"

step "the home is locked: nothing"
run 0 asha lock
is .locked true
nothing_in "$work/asha" "in the locked home"
ok "there is something to search" test "$(du -sk "$work/asha" | cut -f1)" -ge 20
run 0 asha status
is .locked true
holds '.plans | length == 1 and .[0].title == null' "a locked status names the plan by its number only"
holds '.plans[0].entries > 10' "and counts its entries"

step "locked means locked"
for command in "list" "wordings" "log" "digest" "people" "invite" "peers" "agreement"; do
    # shellcheck disable=SC2086
    refused 3 locked asha $command
done
refused 3 locked asha add need "anything"
refused 3 locked asha export json
refused 3 locked asha sync
nothing_in "$work/asha" "after commands on the locked home"
pid=$(cat "$work/asha.pid")
if [ -r "/proc/$pid/mem" ] && command -v python3 >/dev/null; then
    step "the memory of the locked daemon has no plan words"
    { cat "$work/planted"; echo "$recovery"; echo "$invitation" | cut -c80-120; } >"$work/hidden"
    python3 - "$pid" "$work/hidden" >"$work/memory" 2>"$work/memory.err" <<'PYTHON'
import sys
pid, planted = sys.argv[1], open(sys.argv[2]).read().split()
with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
    for line in maps:
        place, rights = line.split()[:2]
        if "rw" not in rights:
            continue
        first, last = (int(x, 16) for x in place.split("-"))
        if last - first > 256 << 20: # the empty space that sanitizers reserve
            continue
        try:
            mem.seek(first)
            piece = mem.read(last - first)
        except (OSError, ValueError, OverflowError):
            continue
        for word in planted:
            if word.encode() in piece: # words, the recovery sheet and the invitation
                print(word, line.split()[-1])
PYTHON
    # Passphrase, recovery sheet and invitation: nowhere. Words: what our own code frees is wiped; libzmq keeps the
    # last small messages in buffers of its own, and a few names lie on the stack below what is in use. (Sanitizers
    # keep what was freed as it was, also what libzmq freed.)
    secrets=$(grep -e '^wombatwindow ' -e "^$recovery " -e "^$(echo "$invitation" | cut -c80-120) " "$work/memory")
    checks=$((checks + 1))
    [ -z "$secrets" ] || bad "secrets in the locked daemon's memory: $secrets"
    words=$(grep -v -F '[stack]' "$work/memory" | sort -u | wc -l)
    echo "   words in the heap of the locked daemon: $words"
    checks=$((checks + 1))
    grep -q -a __asan_init "$copland" || [ "$words" -le 5 ] || bad "the locked daemon's heap has $words planted words"
fi

step "stopped, started again, killed: still nothing"
run 0 asha daemon stop
gone "$pid" || bad "the daemon did not end"
nothing_in "$work/asha" "after the daemon stopped"
GLOBAL=""
run 0 asha daemon start
is .running true
run 0 asha status
is .locked true "a home with a passphrase starts locked"
nothing_in "$work/asha" "after it started again"
run 0 asha daemon status
kill -9 "$(get .pid)"
gone "$(get .pid)"
ended asha
nothing_in "$work/asha" "after kill -9"

step "unlocked and killed with work under way: still nothing on disk"
run 0 asha daemon start
is .running true
is .locked true
"$coplan" --home "$work/asha" daemon start --listen 127.0.0.1:0 >"$work/words" </dev/null
ok "why no port is open" grep -q "This home is locked, so no port is open" "$work/words"
not "not to open what was just asked for" grep -q "daemon start --listen" "$work/words"
GLOBAL="--passphrase-file $work/wrong"
refused 2 wrong_passphrase asha unlock
GLOBAL=$with
run 0 asha unlock
is .locked false
run 0 asha list action
holds 'any(.[]; .text == "okapioven")' "everything is there again"
nothing_in "$work/asha" "in the unlocked home"
run 0 asha add need "lemurlamp again"
run 0 asha daemon status
kill -9 "$(get .pid)"
gone "$(get .pid)"
nothing_in "$work/asha" "after kill -9 of the unlocked daemon"

step "the home is for its owner alone"
others=$(find "$work/asha" \( -perm -0040 -o -perm -0004 -o -perm -0020 -o -perm -0002 \) ! -type l ! -type s | head -5)
equal "" "$others" "files of the home that others may read or write"
equal 700 "$(stat -c %a "$work/asha")" "rights of the home's folder"
finish
