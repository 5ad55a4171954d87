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

step "a plan of $entries entries"
awk -v n="$entries" 'BEGIN { printf "action,who,when\r\n"; for (i = 1; i <= n; i++)
    printf "Walk number %d along the river and back again,Neighbour %d,week %d\r\n", i, i % 20, i % 52 }' >"$work/big.csv"
home asha "Asha"
run 0 asha plan new "Five thousand walks"
run 0 asha import "$work/big.csv"
run 0 asha digest
held=$(get .entries)
[ "$held" -ge "$entries" ] || bad "only $held entries after importing $entries rows"
home measure "Measure"
run 0 asha invite
run 0 measure join "$(get .invite)"
address asha
begun=$(now_ms)
run 0 measure sync "$address"
holds 'all(.[]; .in_sync)'
whole=$(($(now_ms) - begun))
run 0 measure daemon stop
echo "   one whole sync takes $whole ms here; killing $times times, seed $seed"

step "kill -9 during the sync"
guest=0
finished=1
midway=0
number=0
while [ "$number" -lt $((times / 2)) ]; do
    number=$((number + 1))
    if [ "$finished" = 1 ]; then
        [ "$guest" = 0 ] || run 0 "guest$guest" daemon stop
        guest=$((guest + 1))
        who="guest$guest"
        home "$who" "Guest $guest"
        run 0 asha invite
        run 0 "$who" join "$(get .invite)"
        finished=0
    fi
    # The one that takes in is killed twice as often as the one that gives.
    victim=$who
    [ $((number % 3)) -ne 0 ] || victim=asha
    address asha
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
    [ "$victim" = asha ] || holds '.running' "$victim is up again"
    # Every entry that is there is whole, and the state is what the log says: reading all of it tells.
    run 0 "$who" digest
    had=$(get .entries)
    run 0 "$who" list action
    run 0 asha digest
    want=$(get .entries)
    if [ "$had" = "$want" ] || [ $((number % 4)) -eq 0 ] || [ "$number" -eq $((times / 2)) ]; then
        meet "$who" asha
        same asha "$who"
        run 0 "$who" list action
        is length "$entries" "actions at $who's after the meeting that follows"
        finished=1
    fi
done
[ "$midway" -gt 0 ] || echo "   (no kill fell into a sync that time)"
echo "   $guest guests, $midway of $((times / 2)) syncs were cut midway"

step "kill -9 during local edits"
: >"$work/acknowledged"
: >"$work/refused"
# edits : adds and sets until told to stop; writes down what was acknowledged
edits() {
    count=0
    while [ ! -e "$work/enough" ]; do
        count=$((count + 1))
        if "$coplan" --home "$work/$who" --json add need "Kept $count" >"$work/edit.out" 2>"$work/edit.err" </dev/null; then
            jq -r '[.id, .id] | @tsv' "$work/edit.out" | sed "s/\$/	Kept $count/" >>"$work/acknowledged"
            made=$(jq -r .id "$work/edit.out")
            if "$coplan" --home "$work/$who" --json set "$made" "plain=Also kept $count" >"$work/edit.out" \
                2>"$work/edit.err" </dev/null; then
                jq -r '[.id, .entry] | @tsv' "$work/edit.out" | sed "s/\$/	Also kept $count/" >>"$work/acknowledged"
            else
                cat "$work/edit.err" "$work/edit.out" >>"$work/refused"
            fi
        else
            cat "$work/edit.err" "$work/edit.out" >>"$work/refused"
        fi
    done
}
ended "$who"
edits &
editor=$!
number=0
while [ "$number" -lt $((times - times / 2)) ]; do
    number=$((number + 1))
    # The editor's next command starts the daemon again; its number is asked for, never guessed.
    before=$(wc -l <"$work/acknowledged")
    # shellcheck disable=SC2317
    more() { [ "$(wc -l <"$work/acknowledged")" -gt "$before" ]; }
    until_true 30 more || fatal "no edit was acknowledged for 30 seconds: $(tail -3 "$work/refused")"
    sleep "$(moment "e$number" 60)"
    as "$who" daemon status
    victim_pid=$(get .pid)
    case $victim_pid in
    '' | null | *[!0-9]*) ;;
    *) kill -9 "$victim_pid" 2>/dev/null ;;
    esac
done
: >"$work/enough"
wait "$editor"
acknowledged=$(wc -l <"$work/acknowledged" | tr -d ' ')
echo "   $acknowledged edits acknowledged, $(grep -c '"error"' "$work/refused" || :) not, over $number kills"
[ "$acknowledged" -ge "$number" ] || bad "fewer acknowledged edits ($acknowledged) than kills ($number)"
run 0 "$who" daemon status
[ "$(get .pid)" = null ] || kill -9 "$(get .pid)" 2>/dev/null
until_true 10 sh -c "! kill -0 $(get .pid) 2>/dev/null"
serve "$who"

step "every acknowledged edit is there"
run 0 "$who" log
jq -r '.[].entry' "$work/out" | sort >"$work/log.ids"
cut -f2 "$work/acknowledged" | sort >"$work/acknowledged.ids"
lost=$(comm -23 "$work/acknowledged.ids" "$work/log.ids" | wc -l | tr -d ' ')
equal 0 "$lost" "acknowledged entries that the log does not have"
run 0 "$who" list need
jq -r '.[] | .text, .fields.plain // empty' "$work/out" | sort >"$work/shown"
cut -f3 "$work/acknowledged" | sort >"$work/said"
lost=$(comm -23 "$work/said" "$work/shown" | wc -l | tr -d ' ')
equal 0 "$lost" "acknowledged words that the list does not show"

step "and the next meeting makes both equal"
serve asha
meet "$who" asha
same asha "$who"
run 0 asha list need
jq -r '.[] | .text, .fields.plain // empty' "$work/out" | sort >"$work/shown"
equal 0 "$(comm -23 "$work/said" "$work/shown" | wc -l | tr -d ' ')" "acknowledged words missing at the other machine"
run 0 asha status
is '.plans[0].forks' 0 "no chain was forked by a kill"
finish
