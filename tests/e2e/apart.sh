# Several plans, several machines, one command: `sync` brings round what one of them brought, gets through to a plan that the other
# does not exchange with us yet (it has not heard that we are in it), and never says "in sync" of what is not, or was cut off.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# of HOME PLAN COMMAND... : in that plan
of() {
    of_home=$1
    of_plan=$2
    shift 2
    run 0 "$of_home" --plan "$of_plan" "$@"
}
# bring_into PLAN HOST GUEST
bring_into() {
    of "$2" "$1" invite
    run 0 "$3" join "$(get .invite)"
    is .state in "$3 is in"
}
# has HOME PLAN TEXT : the plan there has a need of these words
has() {
    of "$1" "$2" list need
    holds "[.[] | tostring | contains(\"$3\")] | any" "$1 has \"$3\""
}
# same_plan PLAN HOME HOME...
same_plan() {
    same_of=$1
    shift
    want=""
    for one in "$@"; do
        of "$one" "$same_of" digest
        got=$(jq -c '[.entries, .log, .state]' "$work/out")
        [ -z "$want" ] || equal "$want" "$got" "digest of $one"
        want=$got
    done
}

step "what the last of several meetings brought goes round in the same sync"
home asha Asha
run 0 asha plan new "The garden"
garden=$(get .plan)
for one in bill chen dora; do
    home "$one" "$one"
    bring asha "$one"
done
for one in asha bill dora; do
    address "$one"
    run 0 chen sync "$address"
done
run 0 chen sync
same asha bill chen dora
for one in asha bill dora; do
    add "$one" need "From $one"
    run 0 chen sync
    holds 'length == 3 and all(.[]; .in_sync and (.cut | not) and (.apart | not))' "all three are in sync, and one row each"
    same asha bill chen dora
done

step "let in by somebody else: the plan that the other does not exchange yet gets through, and is named until it does"
run 0 asha plan new "The shed"
shed=$(get .plan)
bring_into "$shed" asha bill
bring_into "$shed" asha chen # of that Bill's device has not heard
of chen "$shed" add need "A light in the shed"
address bill
run 0 chen sync "$address"
holds 'length == 2 and all(.[]; .in_sync)' "both plans"
holds "any(.[]; .plan == \"$shed\" and .sent > 0)" "the shed too"
has bill "$shed" "A light in the shed"
same_plan "$shed" bill chen

step "a request that waits gets there though the two share another plan"
serve dora
run 0 dora plan new "The bus"
bus=$(get .plan)
of dora "$bus" invite
waiting=$(get .invite)
run 0 dora daemon stop
run 0 bill join "$waiting"
is .state waiting
serve dora # another port
run 0 bill sync "$address"
of bill "$bus" status
is ".plans[] | select(.plan == \"$bus\") | .state" in
address dora
run 0 bill sync "$address"
holds 'all(.[]; .in_sync)'
same_plan "$bus" bill dora

step "the sheet, where in one of two plans all believe that the device is lost"
run 0 eve init --name Eve --no-passphrase
sheet=$(get .recovery)
serve eve
bring_into "$garden" asha eve
bring_into "$shed" asha eve
run 0 eve --plan "$shed" people
laptop=$(get '.[] | select(.name == "Eve") | .devices[0].device')
home phone Eve
run 0 eve --plan "$shed" invite --my-device
run 0 phone join "$(get .invite)"
is .state in "the phone is linked"
phone=$(of phone "$shed" people && get ".[] | select(.name == \"Eve\") | .devices[] | select(.device != \"$laptop\") | .device")
of phone "$shed" revoke-device "$laptop" # whoever took the phone
address bill
run 0 phone sync "$address"
try 1 eve sync "$address"
holds "any(.[]; .plan == \"$shed\" and .apart)" "that bill believes it is said"
run 0 eve recover "$sheet"
run 0 eve sync "$address"
holds 'all(.[]; .in_sync and (.apart | not))' "bill has heard of it in both plans"
holds "any(.[]; .plan == \"$shed\")" "the shed too"
run 0 bill --plan "$shed" people
is ".[] | select(.name == \"Eve\") | .devices[] | select(.device == \"$laptop\") | .state" in "the laptop is in again"
holds ".[] | select(.name == \"Eve\") | .devices[] | select(.device == \"$phone\") | .state != \"in\"" "the phone is not"

step "where nothing helps, it is said and no success: a machine that never had the plan"
run 0 asha plan new "The stall"
stall=$(get .plan)
run 0 dora daemon stop
cp -r "$work/dora" "$work/dora.before"
serve dora
bring_into "$stall" asha dora
run 0 dora daemon stop
rm -rf "$work/dora"
mv "$work/dora.before" "$work/dora" # put back as it was, all of it
serve dora
of asha "$stall" add need "Bread"
try 1 asha sync "$address"
holds "any(.[]; .plan == \"$stall\" and .apart and (.in_sync | not))" "the stall is named"
ok "in words" sh -c "'$coplan' --home '$work/asha' sync '$address' | grep -q 'does not share this plan with you'"

step "cut off: what did not come is not called in sync, neither then nor afterwards"
meet chen asha
n=0
while [ "$n" -lt 60 ]; do
    of asha "$shed" add action "Long $n" "details=$(head -c 900 /dev/urandom | base64 -w 0)"
    n=$((n + 1))
done
address asha
python3 "$COPLAN_SRC/tests/e2e/_cut.py" "$address" 30000 >"$work/cut.port" &
cut=$!
until_true 10 test -s "$work/cut.port"
run 0 asha daemon status
as chen sync "127.0.0.1:$(cat "$work/cut.port")#$(get .key)" # one call only goes through
wait "$cut"
equal 1 "$status" "it was cut off"
holds "any(.[]; .plan == \"$shed\" and (.in_sync | not) and .cut)" "the shed did not come whole"
holds 'all(.[]; .cut)'
run 0 chen --plan "$shed" peers
holds "[.[] | select(.plan == \"$shed\" and .name == \"Asha\") | .in_sync] == [false]" "and that is remembered"
run 0 chen sync "$address"
holds 'all(.[]; .in_sync and (.cut | not))'
same_plan "$shed" asha chen

step "a line that stays open is begun anew for a plan that came later: by who called, and by who was called"
address chen
run 0 bill sync "$address" # so that each knows where the other is
address bill
run 0 chen sync "$address"
as chen sync "$address" --stay
run 0 asha plan new "The pond"
pond=$(get .plan)
bring_into "$pond" asha bill
bring_into "$pond" asha chen
of chen "$pond" add need "Frogs"
ok "chen, who called, brought it" until_true 20 sh -c "'$coplan' --home '$work/bill' --plan $pond list need | grep -q Frogs"
run 0 asha plan new "The pool"
pool=$(get .plan)
bring_into "$pool" asha chen
bring_into "$pool" asha bill
of bill "$pool" add need "Towels"
ok "bill, who was called, brought it" until_true 20 sh -c "'$coplan' --home '$work/chen' --plan $pool list need | grep -q Towels"
of chen "$pool" add need "Soap"
ok "and the line stays" until_true 20 sh -c "'$coplan' --home '$work/bill' --plan $pool list need | grep -q Soap"

step "a line that breaks is called again, until --leave"
address bill
kill -9 "$(cat "$work/bill.pid")"
gone "$(cat "$work/bill.pid")"
ended bill
run 0 bill daemon start --listen "$address"
of bill "$pool" add need "After the power cut"
ok "it comes by itself" until_true 30 sh -c "'$coplan' --home '$work/chen' --plan $pool list need | grep -q 'After the power'"
run 0 chen sync --leave
of bill "$pool" add need "Nobody listens"
until_true 3 sh -c "'$coplan' --home '$work/chen' --plan $pool list need | grep -q Nobody" && bad "the line is gone, and it came"

finish
