# Every command of the contract that this version has: its JSON keys, its exit statuses, and that --json prints
# one value and nothing else. In the order of the contract's tables.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

hex64='test("^[0-9a-f]{64}$")'
# id FILTER : a whole id
id_at() { holds "$1 | $hex64" "$1 is a whole id"; }

step "yourself and your device"
run 0 asha init --name "Asha" --no-passphrase
keys . person device recovery
id_at .person
id_at .device
holds '.recovery | type == "string" and length >= 32' "the recovery sheet is there"
person=$(get .person)
device=$(get .device)
refused 2 usage bill init
refused 2 usage bill init --name ""
not "a refused init leaves no key" test -e "$work/bill/keys"
run 0 asha daemon start --listen 127.0.0.1:0
keys . running pid listen
is .running true
holds '.pid | type == "number" and . > 1'
address=$(get .listen)
run 0 asha daemon status
keys . running pid listen
is .listen "$address"
run 0 asha daemon start --listen 127.0.0.1:0
is .running true "daemon start twice"
refused_any 2 "usage" asha daemon start --listen "no address"
refused_any 2 "usage" asha daemon start --listen 192.0.2.1:0 # an address of no machine
run 0 asha daemon status
is .listen "$address" "the port that was open stays open"
refused 2 no_passphrase asha lock
run 0 asha unlock
is .locked false
run 0 asha status
keys . locked plans
is .locked false
is '.plans | length' 0
run 0 asha daemon stop
keys . running
is .running false
run 0 asha daemon status
is .running false "daemon status does not start one"
is .pid null
run 0 asha daemon stop
is .running false "daemon stop without one"
serve asha

step "plan"
refused 2 no_plan asha list
refused 2 no_plan asha add action "Before any plan"
run 0 asha plan new "First plan"
keys . plan
id_at .plan
plan=$(get .plan)
run 0 asha plan list
is length 1
keys '.[0]' plan title stage
is '.[0].title' "First plan"
is '.[0].plan' "$plan"
refused 2 usage asha plan new
refused 2 usage asha plan new ""
run 0 asha status
keys '.plans[0]' plan title entries wordings void newer wanted forks missing
is '.plans[0] | [.wordings, .void, .newer, .wanted, .forks, .missing] | join(" ")' "0 0 0 0 0 0"

step "every kind of item can be added"
for kind in priority benefit inaction need strength concern value evidence resource obstacle risk criterion option action someone; do
    run 0 asha add "$kind" "A $kind"
    keys . id
    id_at .id
    run 0 asha list "$kind"
    is length 1 "one $kind"
    keys '.[0]' id kind text state fields wordings
    is '.[0].kind' "$kind"
    is '.[0].text' "A $kind"
    is '.[0].state' open
    is '.[0].wordings | length' 0
done
run 0 asha list
is length 15 "list without a kind lists all"
run 0 asha list someone
run 0 asha set "$(get '.[0].id')" "state=set aside" # so that `people` below has those with devices alone
run 0 asha list action
action=$(get '.[0].id')
run 0 asha list resource
resource=$(get '.[0].id')
run 0 asha list criterion
criterion=$(get '.[0].id')
refused 2 bad_kind asha add wish "No such kind"
refused 2 bad_kind asha list wish
refused 2 usage asha add action
refused 2 usage asha add action ""
refused 2 bad_field asha add action "x" "colour=red"
refused 2 bad_field asha add action "x" "due=tomorrow"
refused_any 2 "usage bad_field" asha add action "x" "due"
run 0 asha list action
is length 1 "nothing refused was added"

step "set"
run 0 asha set "$action" "text=Words = more words" "due=2027-01-31" "text.cy=Geiriau" "cost_pence=12.50"
keys . id entry
is .id "$action"
id_at .entry
run 0 asha show "$action"
keys . id kind text state fields wordings history notes views
is .text "Words = more words" "split at the first ="
is .fields.due 2027-01-31
is '.fields["text.cy"]' Geiriau
is '.history | length' 2 "one entry for all fields given"
run 0 asha set "$action" "due="
run 0 asha show "$action"
is '.fields.due // "none"' none "FIELD= clears"
run 0 asha set "$action" "helpers+=$person"
run 0 asha show "$action"
is '.fields.helpers | length' 1 "FIELD+=V adds"
run 0 asha set "$action" "helpers-=$person"
run 0 asha show "$action"
is '.fields.helpers // [] | length' 0 "FIELD-=V takes away"
run 0 asha set "$action" "csv:Ward=North"
run 0 asha show "$action"
is '.fields["csv:Ward"]' North "a column of one's own"
run 0 asha set "$action" "state=set aside"
run 0 asha list action
is length 0
run 0 asha list action --all
is '.[0].state' "set aside"
run 0 asha set "$action" "state=open"
run 0 asha list action
is length 1
short=$(echo "$action" | cut -c1-8)
run 0 asha show "$short"
is .id "$action" "a unique beginning is enough"
refused_any 2 "usage not_found" asha show "$(echo "$action" | cut -c1-5)"
refused 2 not_found asha show "00000000000000000000000000000000"
refused_any 2 "usage not_found" asha show "not an id"
refused 2 bad_field asha set "$action" "due=2027-02-30"
refused 2 bad_field asha set "$action" "cost_pence=-1"
refused 2 bad_field asha set "$action" "state=flying"
refused 2 bad_field asha set "$action" "check_every=often"
refused_any 2 "bad_field not_found" asha set "$action" "lead=nobody at all"
refused_any 2 "bad_field too_big" asha set "$action" "details=$(head -c 17000 /dev/zero | tr '\0' 'x')"
printf 'text=\377\376' >"$work/bytes"
refused_any 2 "bad_field bad_text usage" asha set "$action" "$(cat "$work/bytes")"
refused 2 usage asha set "$action"
run 0 asha set plan "purpose=To try everything" "comment_days=7"
run 0 asha set me "perspectives+=carer"

step "rate, note"
run 0 asha rate "$action" fairness 3 --why "seems fair"
keys . id
run 0 asha rate "$action" score 4 --by-criterion "$criterion"
run 0 asha show "$action"
is '.views | length' 2
holds '.views | any(.measure == "fairness" and (.value | tostring) == "3" and .why == "seems fair")' "the view is shown"
run 0 asha rate "$action" fairness dont_know
run 0 asha show "$action"
is '[.views[] | select(.measure == "fairness")] | length' 1 "one's newer view replaces the older"
refused 2 bad_measure asha rate "$action" beauty 3
refused_any 2 "bad_measure bad_field bad_value" asha rate "$action" fairness 7
run 0 asha note comment "$action" "I like it"
keys . id
run 0 asha note progress "$action" "Half done" "status=doing" "rag=green"
run 0 asha show "$action"
is '.notes | length' 2
refused 2 bad_kind asha note gossip "$action" "psst"
refused 2 bad_field asha note progress "$action" "x" "rag=purple"
refused 2 not_found asha note comment 0000000000000000 "x"

step "wordings and choose refuse what is not there"
run 0 asha wordings
is length 0
holds 'type == "array"'
refused_any 2 "usage not_found" asha choose "$action" text --keep 7
refused_any 2 "usage" asha choose "$action" text
refused_any 2 "usage" asha choose "$action" text --keep 1 --write both
refused 2 bad_field asha choose "$action" colour --write red

step "log and digest"
run 0 asha log
keys '.[0]' entry by device claimed_at lamport what
holds 'all(.[]; .entry | '"$hex64"')' "entries are whole ids"
entries=$(get length)
run 0 asha log "$action"
holds 'length >= 6' "the log of one item"
run 0 asha digest
keys . entries log state
is .entries "$entries"
holds '(.log | '"$hex64"') and (.state | '"$hex64"')'

step "two plans: which one"
run 0 asha plan new "Second plan"
second=$(get .plan)
refused 2 which_plan asha list
GLOBAL="--plan $(echo "$plan" | cut -c1-10)"
run 0 asha list action
is length 1
GLOBAL="--plan $second"
run 0 asha list action
is length 0
GLOBAL="--plan 000000000000"
refused_any 2 "no_plan not_found" asha list
GLOBAL="--plan $plan --as $person"
run 0 asha add need "As myself"
GLOBAL="--plan $plan --as Nobody"
refused_any 2 "which_person not_found" asha add need "As nobody"
GLOBAL="--plan $plan"

step "people"
run 0 asha people
is '[.[] | select(.someone | not)] | length' 1
keys '.[0]' person name standing kept_informed devices
keys '.[0].devices[0]' device standing last_seen
is '.[0].person' "$person"
is '.[0].devices[0].device' "$device"
run 0 asha invite
keys . invite
invitation=$(get .invite)
run 0 asha invite --out "$work/invitation"
ok "the invitation is in the file" grep -q . "$work/invitation"
home bill "Bill"
run 0 bill join "$work/invitation"
keys . plan person state
is .plan "$plan"
is .person "$person_bill"
is .state in
run 0 asha people
is '[.[] | select(.someone | not)] | length' 2

step "sync and peers"
as chen init --name "Chen" --no-passphrase
as chen sync
is length 0 "nobody in reach"
equal 1 "$status" "exit status of sync with nobody in reach"
GLOBAL=""
address asha
run 0 bill sync "$address"
keys '.[0]' peer person plan in_sync sent received bytes_out bytes_in round_trips missing
holds 'all(.[] | .sent, .received, .bytes_out, .bytes_in, .round_trips, .missing; type == "number" and . >= 0)'
run 0 bill peers
holds 'length >= 1' "bill has met somebody"
keys '.[0]' device person address plan in_sync missing refused
run 0 bill sync
holds 'length >= 1 and all(.[]; .in_sync)' "sync without an address meets those last seen"
run 0 bill sync "$address" --stay
holds 'length >= 1'
GLOBAL="--plan $plan"
run 0 asha add need "Seen at once"
GLOBAL=""
# shellcheck disable=SC2317
seen() { "$coplan" --home "$work/bill" --json list need </dev/null 2>/dev/null | jq -e 'any(.[]; .text == "Seen at once")'; }
checks=$((checks + 1))
until_true 10 seen || bad "an edit was not pushed over a session that stays"
as bill sync --leave
equal 0 "$status" "exit status of sync --leave"
GLOBAL="--plan $plan"

step "agreement"
run 0 asha agreement
is .version null "no page yet"
is .result "not agreed yet"
refused 2 usage asha freeze
refused 2 usage asha freeze --stage dinner
refused 1 not_ready asha freeze --stage agreement
holds '.error.reasons | length > 0 and all(.[]; type == "string")' "with reasons, in words"
run 0 asha freeze --stage agreement --anyway "We say what is open"
keys . version check_words
id_at .version
version=$(get .version)
run 0 asha agreement
keys . version stage result answers waiting_for not_asked
run 0 asha agreement "$(echo "$version" | cut -c1-12)"
is .version "$version"
run 0 asha changes "$version"
is length 0
holds 'type == "array"'
"$coplan" --home "$work/asha" --plan "$plan" text "$version" >"$work/text" 2>"$work/err"
equal 0 $? "exit status of text"
equal "$version" "$(sha256sum <"$work/text" | cut -d' ' -f1)" "text prints exactly the bytes"
refused 2 not_found asha text 00000000000000
run 0 asha sign "$version" --agree --cannot "$action"
keys . answer
run 0 asha sign "$version" --agree --will-if "$action=it stays dry"
run 0 asha sign "$version" --worry "a little"
run 0 asha sign "$version" --agree --will all
run 0 asha agreement "$version"
keys '.answers[0]' person answer actions method
refused 2 usage asha sign "$version" --agree --no "both"
refused_any 2 "not_found usage" asha sign "$version" --agree --will "$version"
run 0 asha withdraw "$version"
keys . answer
refused 2 not_found asha changes 00000000000000
run 0 asha proof "$version" --out "$work/proof"
keys . files
run 0 asha verify "$work/proof"
keys . result answers
refused_any 2 "usage" asha proof "$version"

step "in and out"
for format in csv json md; do
    run 0 asha export "$format" --out "$work/out.$format"
    ok "something was written" test -s "$work/out.$format"
done
refused 2 usage asha export
refused_any 2 "usage not_here" asha export papyrus

step "what this version does not have says so, and unknown words are refused"
run 0 asha rotate-secret
refused 2 not_found asha follow 000000
for command in "carry list" "web"; do
    # shellcheck disable=SC2086
    as asha $command
    checks=$((checks + 1))
    case "$status $(get .error.code)" in
    "2 not_here" | 0\ *) ;;
    *) bad "$command: expected exit 2 and not_here (or that it works), got $status $(get .error.code)" ;;
    esac
done
refused 2 usage asha dance
refused 2 usage asha list --loudly
refused 2 usage asha list action need strength

step "nothing but JSON on stdout, nothing but words on stderr"
as asha list
ok "stderr is empty when all went well" test ! -s "$work/err"
as asha show 00000000000000000000
holds '.error | has("code") and has("message")' "a failure is JSON on stdout"
"$coplan" --home "$work/asha" --plan "$plan" show 00000000000000000000 >"$work/out" 2>"$work/err" </dev/null
equal 2 $? "exit status without --json"
ok "without --json the words go to stderr" test -s "$work/err" -a ! -s "$work/out"
alive asha
finish
