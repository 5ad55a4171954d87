# --no-start: a command that finds no daemon says so and starts none; without it a daemon is started, closes what
# it inherited, and outlives the command.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# running : how many daemons of ours there are
running() { daemons | wc -l | tr -d ' '; }

step "a command that needs no daemon starts none"
"$coplan" --help >/dev/null 2>&1
as asha daemon status
equal 0 "$status" "exit status of daemon status"
is .running false
equal 0 "$(running)" "daemons"

step "--no-start with no daemon"
run 0 asha init --name "Asha" --no-passphrase
run 0 asha plan new "Quiet"
run 0 asha daemon status
pid=$(get .pid)
run 0 asha daemon stop
gone "$pid" || bad "the daemon did not end"
for command in status list "plan list" digest people sync agreement; do
    # shellcheck disable=SC2086
    GLOBAL="--no-start" refused 3 no_daemon asha $command
done
GLOBAL=""
equal 0 "$(running)" "daemons after --no-start"

step "without it any command starts one"
run 0 asha plan list
is '.[0].title' Quiet
equal 1 "$(running)" "daemons"
run 0 asha daemon status
pid=$(get .pid)
GLOBAL="--no-start"
run 0 asha plan list
GLOBAL=""
equal "$pid" "$(daemons)" "the number that daemon status tells"

step "the daemon holds none of the command's stdout and stderr"
run 0 asha daemon stop
gone "$pid"
# If the daemon kept the pipe open, cat would wait for it for ever.
checks=$((checks + 1))
timeout 20 sh -c '"$0" --home "$1" --json status 2>&1 | cat >"$2"' "$coplan" "$work/asha" "$work/out" ||
    bad "the pipe of a command stays open as long as the daemon that it started"
is .locked false
equal 1 "$(running)" "daemons"
for number in 0 1 2; do
    case $(readlink "/proc/$(daemons)/fd/$number") in
    *e.*out* | *pipe*) bad "descriptor $number of the daemon is the command's" ;;
    esac
done

step "ten commands at once start one daemon"
run 0 asha daemon status
pid=$(get .pid)
run 0 asha daemon stop
gone "$pid"
for number in 1 2 3 4 5 6 7 8 9 10; do
    "$coplan" --home "$work/asha" --json add need "Need $number" >"$work/at-once.$number" 2>&1 </dev/null &
    echo $! >>"$work/at-once"
done
while read -r one; do wait "$one" || bad "a command that ran beside others failed: $(cat "$work"/at-once.*)"; done <"$work/at-once"
equal 1 "$(running)" "daemons"
run 0 asha list need
is length 10 "needs added at once"
pid=$(daemons)
kill "$pid"
gone "$pid" || bad "SIGTERM does not end the daemon"
finish
