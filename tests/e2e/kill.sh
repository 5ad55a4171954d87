# kill -9 of a daemon at any moment: what was acknowledged is there, and the next meeting makes all equal.
#
#   sh tests/e2e/kill.sh [TIMES]     20 in the ordinary run, 200 with COPLAN_DEEP=1; half of them during a sync
#                                    of 5,000 entries, half during local edits. COPLAN_SEED makes the moments.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

times=${1:-${COPLAN_KILLS:-}}
if [ -z "$times" ]; then
    times=20
    [ -z "${COPLAN_DEEP:-}" ] || times=200
fi
seed=${COPLAN_SEED:-1}
entries=5000

# moment N MILLISECONDS : a number of seconds below that, always the same for one seed
moment() {
    awk -v seed="$seed$1" -v most="$2" 'BEGIN { srand(seed); printf "%.3f", rand() * most / 1000 }'
}
now_ms() { date +%s%3N; }
# kill_at HOME SECONDS : kill -9 of its daemon after so long; the moment itself is what is tried
kill_at() {
    sleep "$2"
    kill -9 "$(cat "$work/$1.pid")" 2>/dev/null
}
# up HOME : its daemon, started again after a kill
up() {
    gone "$(cat "$work/$1.pid")" || fatal "the killed daemon of $1 is still there"
    serve "$1"
}

step "guests join an empty plan, which then gets $entries entries"
awk -v n="$entries" 'BEGIN { printf "action,who,when\r\n"; for (i = 1; i <= n; i++)
    printf "Walk number %d along the river and back again,Neighbour %d,week %d\r\n", i, i % 20, i % 52 }' >"$work/big.csv"
sync_kills=$((times / 2))
guests=$(((sync_kills + 1) / 2))
home asha "Asha"
run 0 asha plan new "Five thousand walks"
number=0
while [ "$number" -le "$guests" ]; do
    home "guest$number" "Guest $number"
    bring asha "guest$number"
    run 0 "guest$number" daemon stop
    number=$((number + 1))
done
run 0 asha import "$work/big.csv"
run 0 asha digest
held=$(get .entries)
[ "$held" -ge "$entries" ] || bad "only $held entries after importing $entries rows"
serve guest0
address asha
begun=$(now_ms)
run 0 guest0 sync "$address"
whole=$(($(now_ms) - begun))
holds "all(.[]; .in_sync and .received >= $entries)" "the first sync brings all entries"
run 0 guest0 daemon stop
echo "   one whole sync takes $whole ms here; $guests guests, $times kills, seed $seed"

step "kill -9 during the sync: of the one that takes, and at times of the one that gives"
midway=0
partly=0
number=0
while [ "$number" -lt "$sync_kills" ]; do
    number=$((number + 1))
    who="guest$(((number + 1) / 2))"
    [ $((number % 2)) -eq 0 ] || serve "$who"
    victim=$who
    [ $((number % 3)) -ne 0 ] || victim=asha
    address asha
    ended "$victim"
    kill_at "$victim" "$(moment "$number" "$whole")" &
    killer=$!
    as "$who" sync "$address"
    case $status in
    0) ;;
    1 | 3) midway=$((midway + 1)) ;;
    *) bad "a sync cut by kill -9 of $victim: exit $status" ;;
    esac
    wait "$killer"
    up "$victim"
    # Every entry that is there is whole: the digest and the list read all of them.
    run 0 "$who" digest
    had=$(get .entries)
    [ "$had" -ge "$held" ] || [ "$had" -le 100 ] || partly=$((partly + 1))
    run 0 "$who" list action
    [ "$(get length)" -le "$entries" ] || bad "more actions than were written"
    # Two kills for each guest, then the meeting that makes it whole.
    if [ $((number % 2)) -eq 0 ] || [ "$number" -eq "$sync_kills" ]; then
        meet "$who" asha
        same asha "$who"
        run 0 "$who" list action
        is length "$entries" "actions at $who's after the meeting that follows"
        [ "$number" -eq "$sync_kills" ] || run 0 "$who" daemon stop
    fi
done
echo "   $midway of $sync_kills syncs were cut midway; $partly times a part had arrived"
[ "$midway" -gt 0 ] || [ "$sync_kills" -lt 5 ] || bad "no kill fell into a sync: this shows nothing"

step "kill -9 during local edits, by four editors at once"
# edits N : adds and sets until told to stop; writes down what was acknowledged
edits() {
    count=0
    while [ ! -e "$work/enough" ]; do
        count=$((count + 1))
        said="Kept $count by editor $1"
        if answer=$("$coplan" --home "$work/$who" --json add need "$said" </dev/null 2>&1); then
            printf '%s\t%s\n' "$answer" "$said" >>"$work/added.$1"
            made=${answer##*\"id\":\"}
            made=${made%%\"*}
            said="Also kept $count by editor $1"
            if answer=$("$coplan" --home "$work/$who" --json set "$made" "plain=$said" </dev/null 2>&1); then
                printf '%s\t%s\n' "$answer" "$said" >>"$work/set.$1"
            else
                echo "$answer" >>"$work/refused.$1"
            fi
        else
            echo "$answer" >>"$work/refused.$1"
        fi
    done
}
ended "$who"
editors=""
for number in 1 2 3 4; do
    : >"$work/added.$number"
    : >"$work/set.$number"
    : >"$work/refused.$number"
    edits "$number" &
    editors="$editors $!"
done
acknowledged() { cat "$work"/added.* "$work"/set.* | wc -l; }
number=0
while [ "$number" -lt $((times - sync_kills)) ]; do
    number=$((number + 1))
    before=$(acknowledged)
    # shellcheck disable=SC2317
    more() { [ "$(acknowledged)" -gt "$before" ]; }
    until_true 30 more || { : >"$work/enough"; fatal "no edit was acknowledged for 30 seconds: $(tail -n 2 "$work"/refused.*)"; }
    # The editors' next command starts the daemon again; its number is asked for, never guessed.
    as "$who" daemon status
    victim_pid=$(get .pid)
    sleep "$(moment "e$number" 40)"
    case $victim_pid in
    '' | null | *[!0-9]*) ;;
    *) kill -9 "$victim_pid" 2>/dev/null ;;
    esac
done
: >"$work/enough"
# shellcheck disable=SC2086
wait $editors
echo "   $(acknowledged) edits acknowledged, $(cat "$work"/refused.* | grep -c '"error"' || :) not, over $number kills"
[ "$(acknowledged)" -ge "$number" ] || bad "fewer acknowledged edits than kills"
run 0 "$who" daemon stop
serve "$who"

step "every acknowledged edit is there"
run 0 "$who" log
jq -r '.[].entry' "$work/out" | sort >"$work/log.ids"
{
    cat "$work"/added.* | cut -f1 | jq -r .id
    cat "$work"/set.* | cut -f1 | jq -r .entry
} | sort >"$work/acknowledged.ids"
lost=$(comm -23 "$work/acknowledged.ids" "$work/log.ids" | wc -l | tr -d ' ')
equal 0 "$lost" "acknowledged entries that the log does not have"
run 0 "$who" list need
jq -r '.[] | .text, .fields.plain // empty' "$work/out" | sort >"$work/shown"
cat "$work"/added.* "$work"/set.* | cut -f2 | sort >"$work/said"
lost=$(comm -23 "$work/said" "$work/shown" | wc -l | tr -d ' ')
equal 0 "$lost" "acknowledged words that the list does not show"

step "and the next meeting makes both equal"
meet "$who" asha
same asha "$who"
run 0 asha list need
jq -r '.[] | .text, .fields.plain // empty' "$work/out" | sort >"$work/shown"
equal 0 "$(comm -23 "$work/said" "$work/shown" | wc -l | tr -d ' ')" "acknowledged words missing at the other machine"
run 0 asha status
is '.plans[0].forks' 0 "no chain was forked by a kill"
finish
