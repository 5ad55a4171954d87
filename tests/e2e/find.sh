#!/bin/sh
# Devices find each other on a network without an address: three hosts in namespaces of their own on one switch, which
# loses frames, cuts hosts off and keeps what went through. COPLAN_DEEP=1 adds two networks at once, IPv6 alone, a long cut
# and half of all frames lost.
. "$(dirname "$0")/lib.sh"

# Namespaces need the rights to make them; where these are not given there is nothing to look at.
prefix=cp$$
if ! { ip netns add "$prefix-try" && ip netns del "$prefix-try"; } 2>/dev/null; then
    echo "0 checks: network namespaces cannot be made here"
    exit 77
fi

# shellcheck disable=SC2317  # called by the trap
take_down() {
    clean_up
    [ ! -e "$work.switch" ] || kill "$(cat "$work.switch")" 2>/dev/null
    rm -f "$work.switch"
    for space in $(ip netns list | sed -n "s/^\($prefix-[a-z]*\).*/\1/p"); do
        ip netns del "$space"
    done
}
trap take_down EXIT

# in_space HOST COMMAND... : on that host
in_space() {
    space=$1
    shift
    nsenter --net="/run/netns/$prefix-$space" "$@"
}

# Every command of a home runs on the host of its name: lib.sh calls this in coplan's place.
mkdir "$work/bin"
cat >"$work/bin/coplan" <<END
#!/bin/sh
host=\$(basename "\$2")
exec nsenter --net="/run/netns/$prefix-\$host" "$coplan" "\$@"
END
chmod +x "$work/bin/coplan"
coplan="$work/bin/coplan"

hosts="ama bea cato"
spaces="$hosts dora egbert" # and two newcomers, at addresses of their own: one address is answered so often and no more
step "hosts on one switch"
ip netns add "$prefix-switch"
for host in $spaces; do
    echo "link add $host type veth peer name lan-$host"
    echo "link set $host up"
done | ip -n "$prefix-switch" -batch -
mkfifo "$work/orders"
# shellcheck disable=SC2086  # a list
in_space switch python3 "$COPLAN_SRC/tests/e2e/_switch.py" "$work" $spaces >"$work/switch.log" 2>&1 &
echo $! >"$work.switch"
until_true 10 test -e "$work/up" || fatal "the switch does not work: $(cat "$work/switch.log")"
n=0
for host in $spaces; do
    n=$((n + 1))
    ip netns add "$prefix-$host"
    ip -n "$prefix-switch" link set "lan-$host" netns "$prefix-$host" name lan
    in_space "$host" sh -c 'echo 0 >/proc/sys/net/ipv6/conf/lan/accept_dad' # no second of waiting for the own address
    printf '%s\n' "link set lo up" "addr add 10.77.0.$n/24 dev lan" "link set lan up" | ip -n "$prefix-$host" -batch -
done
orders=0
# order LINE... : for the switch, in force when this returns
order() {
    orders=$((orders + 1))
    for line in "$@" "done order$orders"; do
        echo "$line" >>"$work/orders"
    done
    until_true 10 test -e "$work/order$orders" || fatal "the switch does not listen"
}

# reaches HOME NUMBER : that many others are found by it
reaches() {
    as "$1" network
    [ "$status" -eq 0 ] && [ "$(get "[.[] | select(.here) | .found] | add")" -eq "$2" ]
}
# shows HOME TEXT : an item with that text is there
shows() {
    as "$1" list
    holds_quietly ".[] | select(.text == \"$2\")"
}
holds_quietly() { jq -e "$1" "$work/out" >/dev/null 2>&1; }
# all_show SECONDS TEXT : on every host
all_show() {
    for host in $hosts; do
        checks=$((checks + 1))
        until_true "$1" shows "$host" "$2" || bad "$host does not show \"$2\" within $1 s"
    done
}
# equal_digests : all hold the same
equal_digests() {
    as ama digest
    first=$(jq -c . "$work/out")
    for host in bea cato; do
        as "$host" digest
        [ "$(jq -c . "$work/out")" = "$first" ] || return 1
    done
}
# killed HOME : its daemon ends as in a power cut; the next command starts another
killed() {
    run 0 "$1" daemon status
    kill -9 "$(get .pid)"
    gone "$(get .pid)"
}
now_ms() { date +%s%3N; }

beacons() { python3 "$COPLAN_SRC/tests/e2e/_seen.py" count "$work/frames"; }
# asker WHAT [ADDRESS] : somebody on Cato's host who is in no plan
asker() { in_space cato python3 "$COPLAN_SRC/tests/e2e/_asker.py" 239.255.67.80 "${2:-10.78.0.250}" "$1"; }

step "bad input: names of networks that are none"
run 0 ama init --name Amaltheia --no-passphrase
run 0 ama network
is '.[0].network' "lan 10.77.0.0/24" "the network it is on"
is '.[0].fine' false "nothing is fine at first"
is '.[0].known_by' addresses "without a router"
refused 2 not_found ama network fine wlan9
refused 2 not_found ama network fine "$(printf 'lan\033]0;x\007')"
refused 2 not_found ama network not-fine lan
refused 2 not_found ama network not-fine
run 0 ama network fine
is '.network' "lan 10.77.0.0/24" "the only one need not be named"
run 0 ama network fine 10.77.0.0/24
run 0 ama network not-fine lan
run 0 ama daemon status
is .listen null "the port that was opened for it is closed"

# look_for HOME NAME WORDS : begins to look for whose words they are; found_none NAME CODES : how that went
look_for() {
    {
        "$coplan" --home "$work/$1" --json join "$3" >"$work/$2.out" 2>&1
        echo "$?" >"$work/$2.status"
    } &
}
found_none() {
    until_true 40 test -s "$work/$1.status" || fatal "$1 does not end"
    equal 3 "$(cat "$work/$1.status")" "the status of $1"
    code=$(jq -r .error.code "$work/$1.out")
    case " $2 " in *" $code "*) ;; *) bad "$1: $code, not one of $2" ;; esac
}
example="acorn artist banana blossom bucket canal chocolate cupboard dinner echo feather badger"
step "on a network of his own, somebody looks for words that nobody said (this goes on beside the rest)"
ip netns add "$prefix-dan"
ip -n "$prefix-dan" link add lan type veth peer name wire
printf '%s\n' "link set lo up" "link set wire up" "addr add 10.80.0.1/24 dev lan" "link set lan up" | ip -n "$prefix-dan" -batch -
run 0 dan init --name Dan --no-passphrase
run 0 dan network fine lan
look_for dan never "$example"

step "a plan, while nothing is fine: nobody looks for anybody"
run 0 ama daemon start --listen 10.77.0.1:0
run 0 bea init --name Beatrix --no-passphrase
run 0 cato init --name Catullus --no-passphrase
run 0 ama plan new "A quieter Brambleway"
plan=$(get .plan)
for host in bea cato; do
    run 0 ama invite
    invitation=$(get .invite)
    run 0 "$host" join "$invitation"
    is .state in "$host is in"
done
run 0 bea sync
get '.[].peer' >"$work/words"
equal 0 "$(beacons)" "packets of discovery where nothing is fine"

step "the addresses of all change, and every daemon begins anew"
for host in $hosts; do
    killed "$host"
done
n=100
for host in $hosts; do
    n=$((n + 1))
    ip -n "$prefix-$host" addr flush dev lan scope global
    ip -n "$prefix-$host" addr add "10.78.0.$n/24" dev lan
done

step "three hosts find each other within 5 s, and nobody names an address"
for host in $hosts; do
    run 0 "$host" network fine
done
from=$(now_ms)
run 0 ama add action "Bulbs under the Brambleway lamps"
for host in $hosts; do
    checks=$((checks + 1))
    until_true 10 reaches "$host" 2 || bad "$host finds the two others"
done
all_show 10 "Bulbs under the Brambleway lamps"
took=$(($(now_ms) - from))
echo "   found and in step after $took ms"
ok "within 5 s" test "$took" -lt 5000
run 0 bea add action "Hedgehog gaps in every fence"
all_show 5 "Hedgehog gaps in every fence"

# The last part of a home's name says on which host it is.
mkdir "$work/new"
step "bad input: words that are no invitation"
run 0 new/dora init --name Dorothea --no-passphrase
refused 2 word_unknown new/dora join "${example% *} bagder"
refused 2 words_count new/dora join "${example% *}"
refused 2 words_count new/dora join "$example badger"
refused 2 words_wrong new/dora join "${example% *} zebra"
refused 2 words_wrong new/dora join "artist acorn ${example#* * }"
refused 2 bad_invitation new/dora join "acorn artist banana blossom bucket" # too few of them to tell
# shellcheck disable=SC2086  # words
refused 3 not_fine new/dora join $example
run 0 new/dora plan list
is length 0 "no plan is waited for"
run 0 new/egbert init --name Egbert --no-passphrase
run 0 new/egbert plan new "Another plan, where nothing is fine"
refused 3 not_fine new/egbert invite --words
run 0 new/egbert invites
is length 0 "nobody is invited"
refused 2 usage ama invite --words --qr
refused 2 usage ama invite --words --my-device

step "two invitations in words are open at once; a newcomer comes in by twelve words"
for newcomer in new/dora new/egbert; do run 0 "$newcomer" network fine; done
run 0 new/egbert daemon stop
run 0 new/egbert daemon start --listen 127.0.0.1:0
refused 3 no_port new/egbert invite --words # nobody could call there
run 0 new/egbert invites
is length 0 "nobody is invited"
run 0 ama invite --words
is '.words | split(" ") | length' 12
is .minutes 60
first=$(get .words) first_id=$(get .id)
run 0 ama invite --words
second=$(get .words)
run 0 new/dora join "  $(echo "$second" | tr 'a-z ' 'A-Z\t')  "
is .state in
all_show 10 "Hedgehog gaps in every fence"
run 0 new/dora list
holds 'any(.text == "Hedgehog gaps in every fence")' "and holds what the others hold"
run 0 new/dora join "$second" # the answer may have been lost
is .state in
refused 2 usage new/dora join "$second" --name "$(printf 'a\tb')"
step "used, or taken back: the words find nobody (this goes on beside what follows)"
run 0 ama uninvite "$first_id"
look_for new/egbert used "$second"
look_for new/egbert withdrawn "$first"
step "somebody else at a device of the plan, by words that were taken back: nobody is waited for"
run 0 new/dora sync
run 0 new/dora invites
holds ".[] | select(.id == \"$first_id\").withdrawn" "heard that they were taken back"
run 0 new/dora person add --name Fritz --no-passphrase
GLOBAL="--as Fritz"
refused 2 bad_invitation new/dora join "$first"
GLOBAL=

step "one is cut off, both sides write, and the cut heals"
order "cut cato"
run 0 cato add action "Cato's bench"
run 0 ama add action "Ama's lantern"
until_true 5 shows bea "Ama's lantern" || bad "the others go on"
not "what is cut off hears nothing" shows cato "Ama's lantern"
order "heal cato"
all_show 15 "Cato's bench"
all_show 15 "Ama's lantern"

step "one comes back with another address, and another one of the card"
ip -n "$prefix-bea" link set lan down
ip -n "$prefix-bea" addr flush dev lan
ip -n "$prefix-bea" link set lan address 02:00:00:00:77:52
ip -n "$prefix-bea" addr add 10.78.0.200/24 dev lan
run 0 ama add action "While Bea was away"
ip -n "$prefix-bea" link set lan up
all_show 10 "While Bea was away"
run 0 bea add action "Bea is back"
all_show 10 "Bea is back"

step "nearly a third of all frames are lost, and one begins anew among it"
order "loss 30"
killed cato
for host in $hosts; do
    run 0 "$host" add action "In the storm: $host"
done
for host in $hosts; do
    all_show 40 "In the storm: $host"
done
order "loss 0"
checks=$((checks + 1))
until_true 20 equal_digests || bad "all hold the same"

step "what was looked for in vain, until the daemon stops"
for newcomer in new/dora new/egbert; do run 0 "$newcomer" daemon stop; done
found_none used "interrupted nobody_there" # the second where all this took so long
found_none withdrawn "interrupted nobody_there"

step "what a listener can tell"
{
    echo "$plan"
    echo "$first"
    echo "$second"
    get_words() { jq -r '.[] | .person, .name, .devices[].device' "$work/out"; }
    run 0 ama people
    get_words
    printf '%s\n' "Brambleway" "Hedgehog gaps" "While Bea was away" "In the storm"
} >>"$work/words"
ok "no identifier, name or word" python3 "$COPLAN_SRC/tests/e2e/_seen.py" secret "$work/frames" "$work/words"
tail -1 "$work/ok.out" | sed 's/^/   /'

# From an address that asks for nothing else: an honest machine there has a part of what is answered.
ip -n "$prefix-cato" addr add 10.78.0.250/24 dev lan
step "a flood from one address is answered four times by each, and what is no ask never"
equal 0 "$(asker shapes)" "answers to what is no ask"
flood=$(asker flood)
echo "   answers, and most from one: $flood"
ok "some, and few" test "${flood#* }" -ge 1 -a "${flood#* }" -le 5
for host in $hosts; do
    run 0 "$host" daemon status
    is .running true "$host is up"
done

step "an address from beyond the network, though there is a way to it, is not answered"
ip -n "$prefix-cato" addr add 192.0.2.9/32 dev lan
for host in ama bea; do
    ip -n "$prefix-$host" route add 192.0.2.9/32 dev lan
done
equal "0 0" "$(asker flood 192.0.2.9)" "answers to asks from beyond"

if [ -n "${COPLAN_DEEP:-}" ]; then
    step "deep: two networks at once, and the first one goes"
    ip -n "$prefix-ama" link add wire type veth peer name wire netns "$prefix-bea"
    ip -n "$prefix-ama" addr add 10.79.0.1/24 dev wire
    ip -n "$prefix-bea" addr add 10.79.0.2/24 dev wire
    ip -n "$prefix-ama" link set wire up
    ip -n "$prefix-bea" link set wire up
    refused 2 ambiguous ama network fine
    run 0 ama network fine wire
    run 0 bea network fine wire
    order "cut ama"
    run 0 ama add action "By the second wire"
    checks=$((checks + 1))
    until_true 60 shows bea "By the second wire" || bad "they meet by the other network"
    order "heal ama"
    all_show 60 "By the second wire"
    ip -n "$prefix-ama" link del wire

    step "deep: IPv6 alone"
    for host in $hosts; do
        ip -n "$prefix-$host" addr flush dev lan scope global
        run 0 "$host" network fine
    done
    run 0 cato add action "Without IPv4"
    all_show 30 "Without IPv4"
    n=0
    for host in $hosts; do
        n=$((n + 1))
        ip -n "$prefix-$host" addr add "10.78.0.$n/24" dev lan
    done

    step "deep: a cut that outlasts every line"
    order "cut cato"
    run 0 ama add action "Early in the long cut"
    sleep 75 # heartbeats give up after 30 s, and answers are fresh for 90: this is what time does, not a wait for an end
    run 0 cato add action "Late in the long cut"
    order "heal cato"
    all_show 60 "Early in the long cut"
    all_show 60 "Late in the long cut"

    step "deep: half of all frames are lost, and everybody writes"
    order "loss 50"
    for number in 1 2 3 4 5 6 7 8 9 10; do
        for host in $hosts; do
            run 0 "$host" add action "Half $host $number"
        done
    done
    for host in $hosts; do
        all_show 300 "Half $host 10"
    done
    order "loss 0"
    until_true 60 equal_digests || bad "all hold the same after half was lost"
    ip -n "$prefix-cato" addr add 10.78.0.250/24 dev lan
fi

step "where it is not fine any more, nobody is answered"
for host in $hosts; do
    run 0 "$host" network not-fine
    is .fine false "$host"
    run 0 "$host" daemon status
    is .listen null "the port is closed"
done
equal "0 0" "$(asker flood)" "answers where nothing is fine"

step "whom nobody answers is told so"
found_none never nobody_there
run 0 dan plan list
is length 0 "no plan is waited for"

finish
