# Fifty members who mean ill (slow, flooding, lying; tests/e2e/crowd.c) around one daemon: an honest member's thousand
# entries still come through in under half a minute, and the daemon's memory stays under 256 MiB. COPLAN_DEEP=1: ten thousand
# entries, three times.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

crowd="$COPLAN_BIN/tests/e2e/crowd"
[ -x "$crowd" ] || fatal "there is no $crowd"
foes=50
honest=1000
rounds=1
[ -z "${COPLAN_DEEP:-}" ] || { honest=10000 rounds=3; }

step "a plan with something in it, and an honest member who has not met anybody for a while"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "Our street"
run 0 asha invite
run 0 bill join "$(get .invite)"
awk 'BEGIN { print "text"; for (i = 0; i < 200; i++) { s = "What we said about bench " i; while (length(s) < 12000) s = s " and how " i * 7919 % 1009; print s } }' >"$work/long.csv"
run 0 asha import "$work/long.csv"
run 0 bill sync

step "fifty more are let in, each by an invitation"
i=0
: >"$work/invitations"
while [ "$i" -lt "$foes" ]; do
    run 0 asha invite
    get .invite >>"$work/invitations"
    i=$((i + 1))
done
mkfifo "$work/reins"
# shellcheck disable=SC2046  # a list of words
nice -n 10 "$crowd" $(cat "$work/invitations") <"$work/reins" >"$work/crowd.out" 2>"$work/crowd.err" &
crowd_pid=$!
exec 9>"$work/reins"
# has_said WORD : the crowd, or it is no more
has_said() { grep -q -x "$1" "$work/crowd.out" || ! kill -0 "$crowd_pid" 2>/dev/null; }
until_true 60 has_said in
grep -q -x in "$work/crowd.out" || fatal "the crowd was not let in: $(cat "$work/crowd.err")"
run 0 asha people
is length $((foes + 2)) "all of them are members"
pid=$(cat "$work/asha.pid")
# memory NAME : of the daemon, in kB
memory() { sed -n "s/^$1:[[:space:]]*\([0-9]*\) kB/\1/p" "/proc/$pid/status"; }
echo "   before: $(memory VmRSS) kB"

now_ms() { date +%s%3N; }
in_sync_now() {
    tries=$((tries + 1))
    as bill sync
    jq -e 'length == 1 and .[0].in_sync' "$work/out" >/dev/null 2>&1
}
step "they begin, and meanwhile an honest member brings what they have"
echo go >&9
until_true 60 has_said busy
round=0
while [ "$round" -lt "$rounds" ]; do
    awk -v n="$honest" -v r="$round" 'BEGIN { print "text"; for (i = 0; i < n; i++) print "Knock at door " i " of street " r }' >"$work/many.csv"
    run 0 bill import "$work/many.csv"
    began=$(now_ms)
    tries=0
    until_true 60 in_sync_now || bad "Bill and Asha are not in sync"
    took=$(($(now_ms) - began))
    echo "   $honest entries: $took ms, asked $tries times; memory $(memory VmRSS) kB, at most $(memory VmHWM) kB"
    checks=$((checks + 1))
    [ "$took" -lt 30000 ] || bad "an honest meeting took $took ms"
    round=$((round + 1))
done

step "and when they have been at it for long, and are gone"
until_true 60 has_said long
most=$(memory VmHWM)
echo "   the daemon held at most $most kB"
checks=$((checks + 1))
case $COPLAN_BIN in
*/asan* | */clang*) ;;
*) [ "${most:-999999}" -lt 262144 ] || bad "the daemon held $most kB" ;;
esac
exec 9>&-
wait "$crowd_pid"
sed -n 's/^/   /p' "$work/crowd.out" | grep ,
alive asha
same asha bill
run 0 asha peers
holds '[.[].refused | add // 0] | add > 0' "what they did was counted"
finish
