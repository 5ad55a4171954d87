# More plans in common with one device than a meeting takes: each comes to its turn, and of one that has not it is said why. A member
# who carries one plan on again and again keeps nobody from the plan that the others began after that.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

step "a plan, carried on as often as one meeting takes plans, and another one begun after that"
home asha Asha
home bill Bill
run 0 asha plan new "A garden"
old=$(get .plan)
bring asha bill
n=0
while [ "$n" -lt 64 ]; do
    run 0 asha --plan "$old" continue
    n=$((n + 1))
done
address asha
as bill sync "$address" # they come: a full copy of the plan each
run 0 asha plan new "The new garden"
new=$(get .plan)
run 0 asha --plan "$new" invite
run 0 bill join "$(get .invite)"
run 0 asha --plan "$new" add need "A gate that locks"
run 0 bill plan list
is length 66 "bill has them all"

step "a sync meets as often as it needs, and then it is all there"
run 0 bill sync "$address"
is 'map(select(.in_sync)) | length' 66 "all in sync"
run 0 bill --plan "$new" list need
is length 1 "the plan of the others came"

step "one meeting: who had no place is named, and is not called unknown there or in sync"
run 0 asha --plan "$new" add need "A bench"
try 1 bill sync "$address" --stay
is 'map(select(.no_place)) | length' 2 "66 less 64"
holds 'all(.[]; (.apart | not) and .in_sync != .no_place)' "nor unknown, nor in sync"
jq -r '.[] | select(.no_place) | .plan' "$work/out" >"$work/without"
run 0 bill sync --leave

step "they come before the others in the next one, and others have none"
try 1 bill sync "$address" --stay
is 'map(select(.no_place)) | length' 2 "two others"
for plan in $(cat "$work/without"); do
    holds ".[] | select(.plan == \"$plan\") | .in_sync" "it had its turn"
done
run 0 bill sync --leave
run 0 bill --plan "$new" list need
is length 2 "in two meetings each had its turn"

step "on a screen"
"$coplan" --home "$work/bill" sync "$address" --stay >"$work/out" 2>&1
ok "in words" grep -q "you share more plans with that device than one meeting takes" "$work/out"
run 0 bill sync --leave
finish
