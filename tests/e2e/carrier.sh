# Carriers: two devices that never meet, and a machine between them that nobody need trust.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# carrier ROOM : copland --carrier runs at $address, with $carrier_key; started again it takes the same port
carrier() {
    ok "the carrier starts" "$copland" --carrier --home "$work/box" --listen "${carrier_at:-127.0.0.1:0}"
    run 0 box carry list
    carrier_at=$(get .address)
    carrier_key=$(get .key)
    where="$carrier_at#$carrier_key"
    run 0 box daemon status
    carrier_pid=$(get .pid)
}
# visit HOME : one call on the carrier that goes well and finds nothing wrong there
visit() {
    run 0 "$1" carry visit
    is 'map([.damaged, .withheld, .changed, .again, .refused] | add) | add' 0 "$1 finds nothing wrong"
    is 'map(select(.set_back or .lost)) | length' 0 "$1 finds nothing gone"
}

step "a carrier's home: no person, no plan, and its own commands alone"
carrier
is .carrier true "the daemon says what it is"
is '.address + "#" + .key' "$where" "and what others type"
ok "in words too" sh -c "'$coplan' --home '$work/box' daemon status | grep -q '$where'"
refused_any 2 "no_home carrier_home" box status
refused 2 carrier_home box init --name Eve --no-passphrase
refused 2 bad_ticket box carry add nonsense
refused 2 bad_ticket box carry add coplan-ticket:aaaaaaaaaaaaaaaaaaaa
home asha "asha"
home bill "bill"
refused 2 not_a_carrier asha carry add coplan-ticket:aaaa
not "a person's home becomes no carrier" "$copland" --carrier --home "$work/other/../asha"
run 0 asha plan new "Zaubergarten behind the library"
plan=$(get .plan)
add asha action "Marillenbaum pflanzen" details=Quittenmus
run 0 asha invite --out "$work/invite"
run 0 bill join "$work/invite" --out "$work/ask.coplan"
run 0 asha bundle read "$work/ask.coplan"
run 0 asha bundle write "$work/answer.coplan"
run 0 bill bundle read "$work/answer.coplan"

step "a ticket of the plan; a stranger without one gets nowhere"
refused 2 no_carrier asha carry visit
refused 2 usage asha carry use "127.0.0.1:1"
run 0 asha carry use "$where"
ticket=$(get .ticket)
refused 3 no_ticket asha carry visit
run 0 box carry add "$ticket" --room 64k
is .room 65536 "its room"
for room in 3x 1kk k -1 0 "" 1025G 17179869185G 99999999999999999999; do # the last but one is 1G in 64 bits
    refused 2 bad_value box carry add "$ticket" --room "$room"
done
run 0 box carry add "$ticket" --room 1024G
is .room 1099511627776 "the most there is"
run 0 box carry add "$ticket" --room 64K
is .room 65536 "and less again"
run 0 bill carry use "$where"
is .ticket "$ticket" "the same ticket on both devices"
home eve "eve"
run 0 eve plan new "Another plan"
run 0 eve carry use "$where"
differ "$ticket" "$(get .ticket)" "another plan has another ticket"
refused 3 no_ticket eve carry visit
refused 3 not_a_member eve sync "$where" # a member's session finds no member there

step "words from one to the other and back, who never meet"
visit asha
add bill strength "Nachbarn mit Schaufeln"
visit bill
is '.[0].entries > 0' true "bill put what asha lacks"
visit asha
is '.[0].taken > 0' true "asha got it"
run 0 asha digest
want=$(get tojson)
run 0 bill digest
is tojson "$want" "both hold the same"
visit bill
visit asha
is '.[0].put' 0 "who has nothing to say puts nothing"
visit bill
is '.[0].put' 0 "nor does the other"
run 0 box carry list
is '.tickets[0].bundles <= 2' true "what both have had is gone: one receipt of each is left"
run 0 asha peers
is 'map(select(.in_sync)) | length' 0 "a carrier never makes anything in sync"

step "its disk holds no word, no name, no key and no id of the plan"
for word in Zaubergarten Marillenbaum Quittenmus Nachbarn asha bill Eve "coplan_title"; do
    not "$word" grep -r -a -q -i "$word" "$work/box"
done
not "the plan's id" sh -c "xxd -p '$work/box/carrier' '$work/box'/piles/*/* 2>/dev/null | tr -d '\n' | grep -q '$plan'"
equal "" "$(find "$work/box" -perm /077 ! -type s)" "nobody else can look"

step "killed with -9 in the middle: what was acknowledged is there, and the next call goes on"
add asha action "Kompost anlegen"
visit asha
kill -9 "$carrier_pid"
gone "$carrier_pid"
mkdir -p "$work/box/piles/$(ls "$work/box/piles")"
echo half >"$work/box/piles/$(ls "$work/box/piles")/incoming.part-abcdef" # what a killed writing leaves
echo half >"$work/box/carrier.part-abcdef"
refused 3 unreachable bill carry visit
carrier
not "nor a copy of its key" test -e "$work/box/carrier.part-abcdef"
run 0 bill daemon stop
for left in carried carried.part-abcdef carrying carrying.part-abcdef; do
    echo sealed >"$work/bill/$left"
done
serve bill
equal "" "$(find "$work/bill" -name 'carr*')" "what a visit that was killed leaves goes at the next start"
ok "what was half written is gone" sh -c "! ls '$work/box'/piles/*/incoming* 2>/dev/null"
visit bill
is '.[0].taken > 0' true "bill got what was put before"

step "a bit flipped on its disk: seen, said, and put again"
add asha action "Schlehenhecke"
visit asha
newest=$(find "$work/box/piles" -type f -size +0 | sort | tail -1)
flip "$newest" 700 # in its first frame
run 0 bill carry visit
is '.[0].damaged' 1 "bill sees it"
is '.[0].taken' 0 "and takes nothing wrong"
visit asha
is '.[0].entries > 0' true "asha puts it again"
run 0 bill carry visit
is '.[0].taken > 0' true "and bill has it"
run 0 asha digest
want=$(get tojson)
run 0 bill digest
is tojson "$want" "both hold the same"

step "a carrier that lies: withholds, shows old for new, swaps, forgets"
visit asha
visit bill
visit asha
add asha action "Weidenzaun"
visit asha
newest=$(find "$work/box/piles" -type f -size +0 | sort | tail -1)
mv "$newest" "$work/kept"
: >"$newest" # gone, and its number stays
run 0 bill carry visit
is '.[0].withheld' 1 "bill sees that something was kept back"
run 0 asha carry visit
is '.[0].lost' true "asha sees that hers is gone"
is '.[0].entries > 0' true "and puts it again"
run 0 bill carry visit
is '.[0].taken > 0' true "now bill has it"
pile=$(dirname "$newest")
number=$(find "$pile" -type f | sed 's|.*/||; s|-.*||' | sort | tail -1)
old=$(find "$pile" -type f -size +0 | sort | head -1)
next=$(printf '%016x' $((0x$number + 1)))
cp "$old" "$pile/$next-$(basename "$old" | sed 's|.*-||')"
run 0 asha carry visit
is '.[0].again' 1 "old bytes under a new number"
old=$(find "$pile" -type f -size +0 | sort | head -1)
mv "$old" "$pile/$(basename "$old" | sed 's|-.*||')-00112233445566778899aabbccddeeff"
run 0 asha carry visit
is '.[0].changed' 1 "other bytes under an old number"
rm -r "$pile"
run 0 bill carry visit
is '.[0].set_back' true "bill sees that all is forgotten"
is '.[0].put' 1 "and says what he holds"
run 0 asha carry visit
is '.[0].set_back' true "and so does asha"
add bill action "Bienenhotel"
visit bill
meet asha bill
same asha bill

step "no room: refused, nothing lost, and more room mends it"
: >"$work/many.csv"
{
    echo "action"
    i=0
    while [ $i -lt 40 ]; do
        i=$((i + 1))
        echo "Aufgabe $i $(head -c 1500 /dev/urandom | base64 -w 0)"
    done
} >"$work/many.csv"
run 0 asha import "$work/many.csv"
add bill need "Was ein Besuch auch dann bringt, der nichts hinlegen kann"
visit bill
"$coplan" --home "$work/asha" carry visit >"$work/words" 2>&1
equal 3 $? "nothing could be put there"
ok "what was fetched is told all the same" grep -q 'Got 1 new entries' "$work/words"
ok "and what was wrong, under the carrier's address" sh -c "grep -A3 -F '$carrier_at' '$work/words' | grep -q 'no room left'"
refused 3 no_room asha carry visit
run 0 box carry add "$ticket" --room 4M
visit asha
visit bill
is '.[0].taken >= 40' true "bill has them all"
run 0 asha digest
want=$(get tojson)
run 0 bill digest
is tojson "$want" "both hold the same"
visit asha
visit bill
visit asha
run 0 box carry list
is '.tickets[0].bytes < 65536' true "what everybody has had is gone: the large file too"

step "a carrier whose disk is full says so of its own disk"
# In a namespace of ours, which shares the network: the carrier on a small disk, then as good as full.
mkdir "$work/small"
if unshare -rm sh -c "mount -t tmpfs -o size=400k,mode=700 none '$work/small' || exit 9
    '$copland' --carrier --home '$work/small/box' --listen 127.0.0.1:0 || exit 8
    '$coplan' --home '$work/small/box' --json carry list >'$work/full.json'
    where=\$(jq -r '.address + \"#\" + .key' '$work/full.json')
    '$coplan' --home '$work/asha' --json carry use \"\$where\" >'$work/full.json'
    '$coplan' --home '$work/small/box' carry add \"\$(jq -r .ticket '$work/full.json')\" >/dev/null
    head -c 500000 /dev/zero >'$work/small/filler' 2>/dev/null
    '$coplan' --home '$work/asha' --json carry visit \"\${where%#*}\" >'$work/full.json'
    echo \$? >'$work/full.status'
    '$coplan' --home '$work/asha' --json carry forget \"\${where%#*}\" >/dev/null
    '$coplan' --home '$work/small/box' daemon stop >/dev/null 2>&1
    true" 2>/dev/null; then
    equal 3 "$(cat "$work/full.status")" "exit status"
    equal carrier_full "$(jq -r .error.code "$work/full.json")" "the code"
    not "it does not sound like this device's disk" grep -q "Make some room" "$work/full.json"
else
    echo "   (no namespace of our own here: left out)"
fi

step "a new secret is a new ticket: the old one leads to it, and shows its holder nothing more"
run 0 asha rotate-secret
add asha action "Nach dem Wechsel"
run 0 asha carry visit
is '.[0].ticket' old "the carrier has the old ticket alone"
run 0 asha carry list
ticket=$(get '.carriers[0].ticket')
run 0 box carry add "$ticket"
visit asha
is '.[0].ticket' "in use" "and now the new one"
visit bill
is '.[0].ticket' "in use" "bill was led there in one call"
run 0 asha digest
want=$(get tojson)
run 0 bill digest
is tojson "$want" "both hold the same"

step "who came in under the old ticket finds, in one call, what was left under the new one"
run 0 asha rotate-secret
add asha action "Noch ein Baum"
run 0 asha carry list
old=$ticket
ticket=$(get '.carriers[0].ticket')
run 0 box carry add "$ticket"
home hana "hana"
run 0 bill invite --out "$work/invite.hana"
run 0 hana join "$work/invite.hana" --out "$work/ask.hana.coplan"
run 0 bill bundle read "$work/ask.hana.coplan"
run 0 bill bundle write "$work/answer.hana.coplan" --for hana
run 0 hana bundle read "$work/answer.hana.coplan"
run 0 hana carry use "$where"
is .ticket "$old" "nobody told her of the new secret"
visit bill
visit asha
visit hana
is '.[0].taken > 0' true "hana got what asha wrote"
run 0 asha digest
want=$(get tojson)
run 0 hana digest
is tojson "$want" "hana holds what asha holds"
run 0 box carry remove "$old"
run 0 box carry remove "$ticket"
refused 2 not_found bill --plan 000000 carry visit
refused 2 usage bill --plan zz carry forget "$carrier_at"
refused 2 no_carrier bill --plan "$plan" carry forget 127.0.0.1:9
run 0 bill --plan "$plan" carry forget "$carrier_at"
refused 2 no_carrier bill carry visit

step "a port that is open to every address: its keeper passes on one that others can call"
refused 2 usage box daemon start --listen "nowhere"
run 0 box daemon start --listen 0.0.0.0:0
is .listen "0.0.0.0:$(get .listen | sed 's/.*://')" "it is open to every address"
run 0 box carry list
is '.address | startswith("0.0.0.0")' false "and that is no address to call"
run 0 asha carry use "$(get .address)#$carrier_key"
run 0 box carry add "$(get .ticket)"
run 0 asha carry visit
is '.[0].set_back' true "a ticket that was taken back begins anew"

alive asha
finish
