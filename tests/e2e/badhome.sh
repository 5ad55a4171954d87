# Homes that are not as they should be: a damaged key file, a second daemon, a home made by a newer version, a
# locked one, a wrong passphrase, none at all. Each says so, changes nothing, and works again afterwards.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

printf 'a good long passphrase\n' >"$work/pass"
printf 'another one\n' >"$work/wrong"
# stop HOME
stop() {
    as "$1" daemon status
    stop_pid=$(get .pid)
    run 0 "$1" daemon stop
    case $stop_pid in '' | null) ;; *) gone "$stop_pid" || fatal "the daemon of $1 did not end" ;; esac
}

step "no home"
refused 2 no_home nobody list
refused 2 no_home nobody plan new "A plan"
ok "and none was made by asking" test ! -e "$work/nobody/keys"

step "a home in use"
home asha "Asha"
run 0 asha plan new "Homes"
add asha action "Keep everything" "plain=nothing is lost"
refused 2 home_exists asha init --name "Somebody else"
run 0 asha list action
is length 1 "the plan is as it was after a second init"
digest asha
before=$digest
keys=$(find "$work/asha" -type f -name 'keys*' ! -name '*.new' | head -1)
[ -n "$keys" ] || fatal "no key file in the home: $(find "$work/asha")"

step "a second daemon on one home"
first_pid=$(cat "$work/asha.pid")
run 0 asha daemon start
is .pid "$first_pid" "daemon start with one running shows that one"
last="copland --home asha (a second one)"
timeout 20 "$copland" --home "$work/asha" >"$work/out" 2>"$work/err" </dev/null
status=$?
equal 3 "$status" "exit status of a second daemon"
ok "it says why" test -s "$work/err"
alive asha
add asha need "The first one still works"
# Without the socket the second cannot know of the first; the database still keeps it out.
mkdir "$work/moved"
find "$work/asha" -type s -exec mv {} "$work/moved/" \;
timeout 20 "$copland" --home "$work/asha" >"$work/out" 2>"$work/err" </dev/null
status=$?
equal 3 "$status" "exit status of a second daemon that found no socket"
ok "the first one lives" kill -0 "$first_pid"
kill "$first_pid"
ended asha
gone "$first_pid" || fatal "the first daemon did not end"
serve asha
run 0 asha list need
is length 1
run 0 asha digest
digest asha
before=$digest

step "a port that somebody else has"
run 0 asha daemon status
taken=$(get .listen)
run 0 hugo init --name "Hugo" --no-passphrase
refused 3 port_taken hugo daemon start --listen "$taken"
run 0 hugo daemon stop

step "a damaged key file"
stop asha
bytes=$(size "$keys")
cp "$keys" "$work/keys.good"
for at in 0 1 8 $((bytes / 3)) $((bytes / 2)) $((bytes - 1)); do
    cp "$work/keys.good" "$keys"
    flip "$keys" "$at" 4
    cp "$keys" "$work/keys.bad"
    refused_any 3 "damaged_key newer_home" asha list
    ok "the damaged file is left as it is (byte $at)" cmp "$keys" "$work/keys.bad"
done
head -c $((bytes / 2)) "$work/keys.good" >"$keys"
refused 3 damaged_key asha list
: >"$keys"
refused 3 damaged_key asha list
refused_any 2 "home_exists" asha init --name "Somebody else"
cp "$work/keys.good" "$keys"
serve asha
digest asha
equal "$before" "$digest" "digest after the key file was put back, whether or not a daemon waited for that"

step "a home made by a newer version"
stop asha
db=$(find "$work/asha" -type f -size +8k ! -name '*-wal' -exec sh -c 'head -c 15 "$1" | grep -q "SQLite format 3"' _ {} \; -print | head -1)
[ -n "$db" ] || fatal "no database in the home: $(find "$work/asha" -type f)"
version=$(sqlite3 "$db" 'PRAGMA user_version')
sqlite3 "$db" 'PRAGMA user_version=9999' >/dev/null
# The file as it is once sqlite3 let go of it.
sum=$(sha256sum <"$db")
refused 3 newer_home asha list
as asha daemon start # may run and say so at each command, or not start at all
[ "$status" -eq 0 ] || [ "$(get .error.code)" = newer_home ] || bad "daemon start on a newer home: exit $status"
equal "$sum" "$(sha256sum <"$db")" "the database of a newer version is not touched"
sqlite3 "$db" "PRAGMA user_version=$version" >/dev/null
as asha daemon stop
serve asha
digest asha
equal "$before" "$digest" "digest after the version was put back"

step "a database that is not one"
stop asha
cp "$db" "$work/db.good"
printf 'this was a database once, and is none any more; nothing here can be read as one\n' >"$db"
refused_any 3 "damaged_store" asha list
as asha daemon stop
for left in $(daemons); do gone "$left" || fatal "a daemon did not end after daemon stop"; done
ok "the damaged file is still there or set aside, not deleted" sh -c "grep -r -q -a -F 'this was a database once' '$work/asha'"
rm -f "$db"-wal "$db"-journal
cp "$work/db.good" "$db"
serve asha
run 0 asha list action
is '.[0].text' "Keep everything"

step "a passphrase: locked, wrong, right"
GLOBAL="--passphrase-file $work/pass"
run 0 bill init --name "Bill"
keys . person device recovery
run 0 bill plan new "Locked away"
GLOBAL=""
run 0 bill lock
is .locked true
refused 3 locked bill list
refused 3 locked bill add need "x"
GLOBAL="--passphrase-file $work/pass"
refused 3 locked bill list
GLOBAL="--passphrase-file $work/wrong"
refused 2 wrong_passphrase bill unlock
run 0 bill status
is .locked true
GLOBAL="--passphrase-file $work/nowhere"
refused_any 2 "bad_file usage" bill unlock
GLOBAL=""
refused_any 3 "passphrase_needed" bill unlock
GLOBAL="--passphrase-file $work/pass"
run 0 bill unlock
is .locked false
GLOBAL=""
run 0 bill plan list
is '.[0].title' "Locked away"
run 0 bill freeze --stage agreement --anyway "It is only a title so far"
version=$(get .version)
GLOBAL="--passphrase-file $work/wrong"
refused 2 wrong_passphrase bill sign "$version" --agree
GLOBAL=""
refused_any 3 "passphrase_needed" bill sign "$version" --agree
run 0 bill agreement "$version"
is '.answers | length' 0 "nothing was signed without the passphrase"
refused 2 no_passphrase asha lock

step "a home that is moved or deleted while its daemon runs"
home cara "Cara"
run 0 cara plan new "On the move"
run 0 cara add need "Before it moved"
cara_pid=$(cat "$work/cara.pid")
ended cara
mv "$work/cara" "$work/dora"
ok "the daemon of a home that is moved ends" gone "$cara_pid"
ok "and says why" grep -q 'error stopping code=home_moved' "$work/dora/log"
run 0 dora list need
is '.[0].text' "Before it moved" "what was written before the move is there"
run 0 cara init --name "Somebody new" --no-passphrase
run 0 cara plan new "Theirs"
# The folder above moves: nothing tells the daemon until somebody asks it.
mkdir "$work/above"
run 0 above/eve init --name "Eve" --no-passphrase
serve above/eve
run 0 above/eve plan new "Her own"
eve_pid=$(cat "$work/above/eve.pid")
: >"$work/served"
mv "$work/above" "$work/elsewhere"
mkdir "$work/above"
run 0 above/eve init --name "Fay" --no-passphrase
sum=$(sha256sum <"$work/above/eve/keys")
printf 'a new passphrase\n' >"$work/new-pass"
refused 3 home_moved elsewhere/eve need "For me alone" --private
ok "the daemon that was asked ends" gone "$eve_pid"
ok "nothing was written at the old place" sh -c "! ls '$work/above/eve' | grep -q private"
run 0 elsewhere/eve need "For me alone" --private
run 0 elsewhere/eve private list
is '.[0].text' "For me alone" "it is kept in the home that was meant"
run 0 elsewhere/eve passphrase --to "$work/new-pass"
equal "$sum" "$(sha256sum <"$work/above/eve/keys")" "the keys of the home at the old place"
run 0 elsewhere/eve daemon stop
refused 3 locked elsewhere/eve list
run 0 above/eve status
home gil "Gil"
gil_pid=$(cat "$work/gil.pid")
ended gil
rm -rf "$work/gil"
ok "the daemon of a home that is deleted ends" gone "$gil_pid"
run 0 gil daemon stop

step "a folder that cannot be written"
if [ "$(id -u)" -ne 0 ]; then
    mkdir "$work/readonly"
    chmod 500 "$work/readonly"
    refused_any 3 "io_error" readonly/home init --name "X" --no-passphrase
else
    : >"$work/file"
    refused_any 3 "io_error" file/home init --name "X" --no-passphrase
fi
finish
