# Who is not let in: strangers, used, mistyped and twice used invitations, noise on the port; and two members who
# were admitted apart, who are strangers to each other until one brings the other's key.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

home asha "Asha"
run 0 asha plan new "Our street"
add asha action "Talk to everyone"
home bill "Bill"
bring asha bill
meet bill asha
address asha
port_asha=$address
# The machine key of Asha, as a meeting shows it.
run 0 bill sync "$port_asha"
key_asha=$(get '.[0].peer')
equal 64 "${#key_asha}" "length of the peer's key"
digest asha
before=$digest

# unharmed : the daemon of asha lives and holds what it held
unharmed() {
    alive asha
    digest asha
    equal "$before" "$digest" "digest of asha"
}

step "a stranger with a plan of their own"
home mal "Mal"
run 0 mal plan new "Not yours"
refused 3 not_a_member mal sync "$port_asha"
run 0 mal plan list
is length 1 "the stranger got nothing"
refused_any 3 "not_a_member unproven" mal sync "$port_asha#$key_asha"
unharmed
step "nobody there, and an address that is none"
address mal
run 0 mal daemon stop
run 1 bill sync "$address"
is length 0 "rows when nobody is there"
refused_any 2 "usage" bill sync "this is no address"
refused_any 2 "usage" bill sync "127.0.0.1:99999"
refused_any 2 "usage" bill sync "$port_asha#xyz"

step "a mistyped invitation"
run 0 asha invite
invitation=$(get .invite)
home chen "Chen"
# One letter in each part that decides whether it opens anything: plan, invitation, token, server key.
for place in 16 40 90 130 150 185; do
    head=$(printf '%s' "$invitation" | cut -c1-$place)
    tail=$(printf '%s' "$invitation" | cut -c$((place + 2))-)
    letter=a
    [ "$head$letter$tail" != "$invitation" ] || letter=b
    wrong="$head$letter$tail"
    as chen join "$wrong"
    checks=$((checks + 1))
    # Some letters still make an invitation, only to nowhere: that is found out at the door, or never (waiting).
    [ "$status" != 0 ] || is .state waiting "a mistyped invitation"
    case "$status $(get .error.code)" in
    "0 null" | "2 bad_invitation" | "3 not_a_member" | "3 unreachable" | "3 unproven") ;;
    *) bad "a mistyped invitation: exit $status, code $(get .error.code)" ;;
    esac
done
for wrong in "$head" "coplan-invite:" "hello" "$invitation$invitation"; do
    refused 2 bad_invitation chen join "$wrong"
done
refused_any 2 "bad_invitation usage" chen join ""
unharmed_after_invite() {
    alive asha
    run 0 asha people
    is length "$1" "people in the plan"
}
unharmed_after_invite 2

step "the right one works, also from a file and in capitals with spaces"
printf '  %s\n' "$invitation" | tr '[:lower:]' '[:upper:]' | fold -w 40 >"$work/invitation.txt"
run 0 chen join "$work/invitation.txt"
is .state in
run 0 chen join "$invitation"
is .state in "joining again with the same invitation is harmless"
unharmed_after_invite 3

step "a used invitation in the hands of somebody else"
home late "Late"
refused_any 2 "invitation_used" late join "$invitation"
as late plan list
is length 0 "nothing of the plan came with it, and nothing waits"
unharmed_after_invite 3

step "an invitation by a member who did not start the plan; it works once"
meet bill asha
run 0 bill invite
twice=$(get .invite)
meet bill asha
home dina "Dina"
home emil "Emil"
run 0 dina join "$twice"
is .state in
address asha
port_asha=$address
refused_any 2 "invitation_used" emil join "$twice"
run 0 bill people
is length 4 "people at Bill's: Asha, Bill, Chen, Dina"

step "one invitation used by two people at two machines apart: both are in, both are marked"
address asha
other=$(python3 "$COPLAN_SRC/tests/e2e/_redirect.py" "$twice" "$address" "$key_asha") || bad "the invitation could not be redirected"
run 0 emil join "$other"
is .state in "Asha, who has not heard of Dina, lets Emil in"
meet bill asha
for who in asha bill; do
    run 0 "$who" people
    is '[.[] | select(.token_shared) | .name] | sort | join(" ")' "Dina Emil" "who came by one token, at $who's"
    is '[.[] | select(.standing)] | length' 5 "all five stand at $who's"
done

step "two members admitted apart have not heard of each other"
home fay "Fay"
home gil "Gil"
bring asha fay
bring bill gil
address gil
port_gil=$address
refused 3 not_a_member fay sync "$port_gil"
address bill
run 0 gil sync "$address"
run 0 bill sync "$port_gil"
key_gil=$(get '.[0].peer')
equal 64 "${#key_gil}" "Gil's machine key as Bill sees it"
refused 3 not_a_member fay sync "$port_gil"
wrong_key=$(printf '%s' "$key_gil" | tr '0-9a-f' '1-9a-f0')
refused_any 3 "not_a_member unproven unreachable" fay sync "$port_gil#$wrong_key"
refused_any 3 "not_a_member unproven" fay sync "$port_gil#$key_asha"
run 0 fay sync "$port_gil#$key_gil"
holds 'length == 1 and .[0].in_sync' "with the key that is proven they meet"
same fay gil
run 0 gil people
holds 'any(.[]; .name == "Fay")' "Gil knows Fay now"
holds 'any(.[]; .name == "Bill")'
address fay
run 0 gil sync "$address"
holds 'all(.[]; .in_sync)' "and can call her without a key"
alive gil
alive fay

step "noise on the port, and a guest who does not mean well"
python=/usr/bin/python3 # Debian's, which has Debian's pyzmq
if [ -x "$python" ]; then
    address asha
    port_asha=$address
    digest asha
    before=$digest
    # hostile SCRIPT ARGUMENTS...
    hostile() {
        last="$1 $port_asha"
        checks=$((checks + 1))
        timeout 120 "$python" "$COPLAN_SRC/tests/e2e/$1" "$port_asha" "$2" "$3" ${4:+"$4"} >"$work/out" 2>"$work/err"
        status=$?
        [ "$status" -eq 0 ] || bad "$1 ended with $status"
        unharmed
    }
    hostile _noise.py "${COPLAN_SEED:-1}" "$key_asha"
    run 0 asha invite
    invitation=$(get .invite)
    digest asha
    before=$digest
    hostile _guest.py "$invitation" "${COPLAN_SEED:-1}" "Talk to everyone"
    run 0 asha people
    holds 'all(.[]; .standing)' "nobody came in that way"
    run 0 bill sync "$port_asha"
    holds 'all(.[]; .in_sync)' "a member still gets in after the noise"
    home hana "Hana"
    run 0 hana join "$invitation"
    is .state in "the invitation is still good for an honest guest"
    resident=$(sed -n 's/^VmRSS:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/$(cat "$work/asha.pid")/status")
    echo "   the daemon holds $resident kB after all that"
    case $COPLAN_BIN in
    */asan* | */clang*) ;;
    *) [ "${resident:-0}" -lt 131072 ] || bad "the daemon holds $resident kB after the noise" ;;
    esac
    run 0 asha peers
else
    echo "   (no $python: left out)"
fi
for who in asha bill chen dina emil late; do alive "$who"; done
finish
