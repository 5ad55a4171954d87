# What the end-to-end scripts share: homes, daemons, asserts. Read by each of them (". tests/e2e/lib.sh").
#
# A script says what it is about with `step`, runs commands with `run STATUS HOME COMMAND...` and looks at the
# JSON they printed with `is`, `holds` and `keys`. The first failure of `run` ends the script, because what
# follows would only repeat it; `is` and `holds` count their failures and go on. Nothing waits by the clock:
# a command returns when it is done, and `until_true` asks again until an end is reached.
#
# COPLAN_BIN is the folder with coplan and copland, COPLAN_SRC the repository. Everything happens in $work,
# which is removed at the end, after every daemon that was started here has been stopped, by its number.
set -u
COPLAN_SRC=${COPLAN_SRC:-$(cd "$(dirname "$0")/../.." && pwd)}
COPLAN_BIN=${COPLAN_BIN:-$COPLAN_SRC/build/release}
COPLAN_TEST_KDF=weak # still Argon2id, at its smallest: the tests unlock hundreds of times
LC_ALL=C.UTF-8
export COPLAN_SRC COPLAN_BIN COPLAN_TEST_KDF LC_ALL
unset COPLAN_HOME XDG_DATA_HOME XDG_RUNTIME_DIR XDG_CONFIG_HOME XDG_STATE_HOME

coplan="$COPLAN_BIN/coplan"
copland="$COPLAN_BIN/copland"
for needed in "$coplan" "$copland"; do
    if [ ! -x "$needed" ]; then
        echo "there is no $needed; build it first or set COPLAN_BIN"
        exit 1
    fi
done
if ! command -v jq >/dev/null; then
    echo "jq is not installed (tests/packages has the list)"
    exit 77
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/e.XXXXXX")
COPLAN_E2E=$work # inherited by our daemons: how we know them again
export COPLAN_E2E
data="$COPLAN_SRC/tests/e2e/data"
failures=0
checks=0
current="beginning"
last="(no command yet)"
status=0

# ------------------------------------------------------------------------------------------------- daemons

# daemons : the numbers of the daemons that this script started and that still run
daemons() {
    for process in /proc/[0-9]*; do
        case $(readlink "$process/exe" 2>/dev/null) in
        */copland | */copland' (deleted)') ;;
        *) continue ;;
        esac
        if tr '\0' '\n' 2>/dev/null <"$process/environ" | grep -q -x -F "COPLAN_E2E=$work"; then
            echo "${process#/proc/}"
        fi
    done
}
# gone PID [SECONDS] : waits until the process has ended; 1 when it has not after so long
gone() {
    timeout "${2:-15}" tail --pid="$1" -s 0.02 -f /dev/null
}
# shellcheck disable=SC2317  # called by the trap
clean_up() {
    for pid in $(daemons); do
        kill "$pid" 2>/dev/null
    done
    for pid in $(daemons); do
        gone "$pid" 5 || kill -9 "$pid" 2>/dev/null
    done
    if [ -n "${COPLAN_KEEP:-}" ]; then
        echo "kept: $work"
    else
        rm -rf "$work"
    fi
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM HUP

# ------------------------------------------------------------------------------------------------- asserts

step() {
    current=$*
    echo "-- $*"
}
show_last() {
    echo "   in:      $current"
    echo "   command: $last"
    echo "   exit:    $status"
    [ ! -s "$work/out" ] || sed 's/^/   stdout:  /' "$work/out" | cut -c1-1500 | head -20
    [ ! -s "$work/err" ] || sed 's/^/   stderr:  /' "$work/err" | cut -c1-600 | head -20
}
# bad WHAT : counts a failure and goes on
bad() {
    failures=$((failures + 1))
    echo "FAILED: $*"
    show_last
}
# fatal WHAT : a failure after which nothing makes sense
fatal() {
    bad "$@"
    finish
}
finish() {
    # A command starts a daemon where there is none, so a daemon that died in between must not pass for one that lived.
    if [ "$failures" -eq 0 ] && [ -e "$work/served" ]; then
        while read -r served_home served_pid; do
            checks=$((checks + 1))
            kill -0 "$served_pid" 2>/dev/null || bad "the daemon of $served_home ($served_pid) died and nobody asked it to"
        done <"$work/served"
    fi
    if [ "$failures" -gt 0 ]; then
        echo "$failures of $checks checks failed"
        exit 1
    fi
    echo "$checks checks passed"
    exit 0
}

# as HOME COMMAND... : one command of that home; leaves $status, $work/out, $work/err
as() {
    as_home=$1
    shift
    last="coplan --home $as_home --json $*"
    # shellcheck disable=SC2086  # GLOBAL is a list of options
    "$coplan" --home "$work/$as_home" --json ${GLOBAL:-} "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    [ "$1 ${2:-}" != "daemon stop" ] || ended "$as_home"
}
# ended HOME : its daemon is meant to have ended
ended() {
    [ -e "$work/served" ] || return 0
    sed "/^$1 /d" "$work/served" >"$work/served.new"
    mv "$work/served.new" "$work/served"
}
# try STATUS HOME COMMAND... : the exit status and that stdout is one JSON value; a failure is counted, returns 1
try() {
    expected=$1
    shift
    checks=$((checks + 1))
    as "$@"
    if [ "$status" -ne "$expected" ]; then
        bad "exit status: expected $expected, got $status"
        return 1
    fi
    if ! jq -e -s 'length == 1' "$work/out" >/dev/null 2>&1; then
        bad "stdout is not exactly one JSON value"
        return 1
    fi
}
# run STATUS HOME COMMAND... : the same; a failure ends the script
run() { try "$@" || finish; }
# refused STATUS CODE HOME COMMAND... : fails with this status and error code and a message for people
refused() {
    refused_code=$2
    refused_status=$1
    shift 2
    try "$refused_status" "$@" || return 1
    is '.error.code' "$refused_code" "error code"
    holds '.error.message | type == "string" and length > 10' "the error says what to do in words"
}
# refused_any STATUS "CODE CODE" HOME COMMAND... : one of several codes is right
refused_any() {
    refused_codes=$2
    refused_status=$1
    shift 2
    try "$refused_status" "$@" || return 1
    checks=$((checks + 1))
    case " $refused_codes " in
    *" $(get .error.code) "*) ;;
    *) bad "error code: expected one of: $refused_codes; got $(get .error.code)" ;;
    esac
    holds '.error.message | type == "string" and length > 10' "the error says what to do in words"
}
# get FILTER : of the last command's JSON
get() { jq -r "$1" "$work/out" 2>/dev/null; }
# is FILTER EXPECTED [WHAT]
is() {
    checks=$((checks + 1))
    got=$(get "$1")
    [ "$got" = "$2" ] || bad "${3:-$1}: expected '$2', got '$got'"
}
# holds FILTER [WHAT] : the filter gives true
holds() {
    checks=$((checks + 1))
    jq -e "$1" "$work/out" >/dev/null 2>&1 || bad "${2:-$1}: does not hold"
}
# keys FILTER NAME... : the object has at least these keys
keys() {
    keys_of=$1
    shift
    for key in "$@"; do
        checks=$((checks + 1))
        jq -e --arg k "$key" "($keys_of) | type == \"object\" and has(\$k)" "$work/out" >/dev/null 2>&1 ||
            bad "no key \"$key\" in $keys_of"
    done
}
# equal EXPECTED GOT WHAT
equal() {
    checks=$((checks + 1))
    [ "$1" = "$2" ] || bad "$3: expected '$1', got '$2'"
}
# differ A B WHAT
differ() {
    checks=$((checks + 1))
    [ "$1" != "$2" ] || bad "$3: both are '$1'"
}
# ok WHAT COMMAND... : the command succeeds
ok() {
    what=$1
    shift
    checks=$((checks + 1))
    "$@" >"$work/ok.out" 2>&1 || { bad "$what: $*"; sed 's/^/   /' "$work/ok.out" | head -10; }
}
# not WHAT COMMAND... : the command fails
not() {
    what=$1
    shift
    checks=$((checks + 1))
    if "$@" >"$work/ok.out" 2>&1; then
        bad "$what: $* succeeded"
    fi
}
# until_true SECONDS COMMAND... : asks until it succeeds, at most so long
until_true() {
    until_end=$(($(date +%s) + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt "$until_end" ] || return 1
        sleep 0.02
    done
}

# --------------------------------------------------------------------------------------------------- homes

# serve HOME : its daemon runs with an open port; sets $pid and $address
serve() {
    run 0 "$1" daemon start --listen 127.0.0.1:0
    pid=$(get .pid)
    address=$(get .listen)
    echo "$pid" >"$work/$1.pid"
    ended "$1"
    echo "$1 $pid" >>"$work/served"
    case $address in
    127.0.0.1:[1-9]*) ;;
    *) fatal "daemon start gave no address in .listen: '$address'" ;;
    esac
}
# address HOME : sets $address
address() {
    run 0 "$1" daemon status
    address=$(get .listen)
}
# alive HOME : the daemon started by `serve` is still the one that answers
alive() {
    run 0 "$1" daemon status
    is .running true "the daemon of $1 runs"
    is .pid "$(cat "$work/$1.pid")" "the daemon of $1 is still the same process"
}
# home HOME NAME : a new home without a passphrase and with an open port
home() {
    run 0 "$1" init --name "$2" --no-passphrase
    eval "person_$1=\$(get .person)"
    serve "$1"
}
# with_sheet HOME NAME : as `home`, and keeps the sheet in $work/HOME.sheet
with_sheet() {
    run 0 "$1" init --name "$2" --no-passphrase
    get .recovery >"$work/$1.sheet"
    eval "person_$1=\$(get .person)"
    serve "$1"
}
# bring HOST GUEST : GUEST joins the plan of HOST by an invitation
bring() {
    run 0 "$1" invite
    invitation=$(get .invite)
    run 0 "$2" join "$invitation"
    is .state in "$2 is in"
}
# meet CALLER CALLED : one meeting, which must end in sync
meet() {
    address "$2"
    run 0 "$1" sync "$address"
    holds 'length > 0 and all(.[]; .in_sync == true)' "$1 and $2 are in sync"
}
# digest HOME : sets $digest
digest() {
    run 0 "$1" digest
    digest=$(jq -c '[.entries, .log, .state]' "$work/out")
}
# same HOME HOME... : their digests are equal
same() {
    digest "$1"
    same_first=$1
    same_digest=$digest
    shift
    for same_home in "$@"; do
        digest "$same_home"
        equal "$same_digest" "$digest" "digest of $same_home and $same_first"
    done
}
# add HOME KIND TEXT [FIELD=VALUE...] : sets $id
add() {
    add_home=$1
    shift
    run 0 "$add_home" add "$@"
    id=$(get .id)
}
# complete HOME ACTION LEAD CHECKER : all that a page for agreement asks of an action and of the plan (domain P9)
complete() {
    run 0 "$1" set "$2" "details=As we talked about it" "lead=$3" "due=2031-09-30" "measure=We will see it" \
        "checked_by=$4" "check_every=P1M"
    run 0 "$1" set plan "first_review=2031-06-01" "reviewer=$4" "if_behind=We meet within a week"
}
# flip FILE OFFSET [BIT] : changes one byte in place
flip() {
    old=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
    # shellcheck disable=SC2059  # the format is the byte
    printf "\\$(printf '%03o' $((old ^ ${3:-1})))" | dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
size() { wc -c <"$1" | tr -d ' '; }
