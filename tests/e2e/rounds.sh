# What comes after a page: somebody asked and the next page says what came of it; somebody joins late and supports it;
# somebody takes their answer back; two halves of a group agree two pages; the review. The plan's stage follows.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

all_meet() { for pair in asha-bill bill-chen chen-asha asha-bill; do meet "${pair%-*}" "${pair#*-}"; done; }
# stage HOME STAGE [DAY] : a day is handed in, so that no clock has a part in it
stage() {
    run 0 "$1" plan list --on "${3:-2031-01-01}"
    is '.[0].stage' "$2" "stage at $1's"
}

step "before any page"
home asha "Asha"
home bill "Bill"
home chen "Chen"
home dina "Dina"
run 0 asha plan new "Walks"
stage asha gathering
add asha option "Along the river"
stage asha choosing
add asha action "Walk on Mondays"
action=$id
stage asha planning
refused 2 bad_value asha plan list --on 2031-02-30
bring asha bill
bring asha chen
complete asha "$action" Asha Bill
run 0 asha set "$action" "helpers+=Chen"
run 0 asha freeze --stage comment
stage asha "out for comment"
run 0 asha freeze --stage agreement
old=$(get .version)
stage asha signing
all_meet

step "status says whom a page waits for, and no longer once they answered"
run 0 bill status
is '.plans[0].waiting | map([.what, .name, .id] | join(" ")) | join(",")' "answer Bill $old"
"$coplan" --home "$work/bill" status >"$work/human" 2>&1
ok "in words" grep -q "Bill: a page waits for your answer (check words: " "$work/human"

step "Chen asked for something; the next page says what came of it, and whether anybody has said"
run 0 asha sign "$old" --agree --will all
run 0 bill sign "$old" --worry "It may rain"
run 0 chen sign "$old" --no "not Mondays" --would-agree-if "it were not on Mondays"
all_meet
run 0 bill status
is '.plans[0].waiting | length' 0
run 0 asha agreement "$old"
is .round 1
is '.asked | length' 0 "there was no page before it"
no=$(jq -r '.answers[] | select(.answer == "no") | .id' "$work/out")
worry=$(jq -r '.answers[] | select(.name == "Bill") | .id' "$work/out")
run 0 asha set "$action" "text=Walk on Tuesdays"
run 0 asha freeze --stage agreement
new=$(get .version)
run 0 asha agreement "$new"
is .round 2
is '[.asked[] | .state] | unique | join(",")' open
run 0 asha note negotiation "$no" "Tuesdays" "changed=yes" "version=$new"
run 0 asha note reply "$worry" "we have coats" "changed=no" "version=$new"
all_meet
for who in asha bill chen; do
    run 0 "$who" agreement
    is .version "$new"
    holds 'any(.asked[]; .name == "Chen" and .asked == "it were not on Mondays" and .this_version == "Tuesdays" and .state == "changed")' "Chen's reason and the change"
    holds 'any(.asked[]; .name == "Bill" and .asked == "It may rain" and .this_version == "we have coats" and .state == "stays")' "Bill's worry and why it stays"
done
for command in "agreement $new" "changes $new"; do
    # shellcheck disable=SC2086
    "$coplan" --home "$work/chen" $command >"$work/human" 2>&1
    ok "Chen asked, in words of $command" grep -q "Chen asked: it were not on Mondays" "$work/human"
    ok "this page" grep -q "This page: we changed it: Tuesdays" "$work/human"
    ok "why it stays" grep -q "This page: we talked and it stays, because: we have coats" "$work/human"
done
is '.answers | length' 0 "nobody's answer moved over"
run 0 asha agreement "$old"
is .result "not agreed" "what was said of the old page stays"

step "agreed; somebody who joins later supports it and changes nothing"
for who in asha bill chen; do run 0 "$who" sign "$new" --agree --will all; done
all_meet
stage asha agreed
bring asha dina
run 0 dina sign "$new" --no "I was not here"
meet dina asha
run 0 asha agreement "$new"
is .result agreed "a supporter's no changes no result"
holds 'any(.answers[]; .name == "Dina" and .asked == false)' "labelled"
stage asha signing
run 0 dina sign "$new" --agree
meet dina asha
run 0 asha agreement "$new"
is .result agreed
"$coplan" --home "$work/asha" agreement "$new" >"$work/human" 2>&1
ok "in words" grep -q "Dina: I agree, no passphrase (supports it; was not asked by this page" "$work/human"
stage asha agreed
stage asha "review due" 2031-06-02

step "an answer without \"I will\" where it is needed: status says so to whom it concerns"
run 0 asha sign "$new" --agree
run 0 asha status
is '.plans[0].waiting | map(.what + " " + .name) | join(",")' "will_missing Asha"
run 0 asha sign "$new" --agree --will all
run 0 asha status
is '.plans[0].waiting | length' 0
all_meet

step "the lead takes her answer back: the page stays, the action needs someone, the plan is changing"
run 0 asha withdraw "$new"
all_meet
for who in asha bill chen; do
    stage "$who" changing
    run 0 "$who" status
    is '.plans[0].waiting | map(.what + " " + .name + " " + .text) | join(",")' \
        "$([ "$who" = chen ] && echo "needs_someone Chen Walk on Tuesdays")" "who helps is told, and nobody else"
    run 0 "$who" agreement "$new"
    holds "any(.needs_someone[]; .action == \"$action\" and .name == \"Asha\")" "needs someone, at $who's"
    holds '[.answers[] | select(.answer == "agree")] | length >= 2' "everyone else's answers stand"
done
"$coplan" --home "$work/bill" agreement "$new" >"$work/human" 2>&1
ok "in words" grep -q '"Walk on Tuesdays" needs someone: Asha does not do it any more' "$work/human"
run 0 asha sign "$new" --agree --will all
meet dina asha
all_meet
stage bill agreed

step "two pages made apart from one: both are shown, with how they differ; the next has both as parents"
run 0 asha set plan "kept_informed+=Dina"
all_meet
run 0 asha set "$action" "details=With tea"
run 0 asha freeze --stage agreement
left=$(get .version)
run 0 bill set "$action" "measure=Ten people come"
run 0 bill freeze --stage agreement
right=$(get .version)
stage asha changing
all_meet
"$coplan" --home "$work/chen" status >"$work/human" 2>&1
ok "status says that two pages wait which were made apart" grep -q "made apart.*coplan changes [0-9a-f]* [0-9a-f]*$" "$work/human"
run 0 chen agreement
taken=$(get .version)
"$coplan" --home "$work/chen" sign "$taken" --agree >"$work/human" 2>&1
ok "whoever signs one is told of the other" grep -q "Another page stands beside it" "$work/human"
not "and neither is called older" grep -q "older page" "$work/human"
"$coplan" --home "$work/chen" sign "$new" --agree >"$work/human" 2>&1
ok "whoever signs an older page is told of the newer one" grep -q "older page.*coplan text $(echo "$taken" | cut -c1-12)" "$work/human"
run 0 chen hand-out
is .version "$taken" "everything takes the same one of the two for the newest"
[ "$taken" = "$left" ] && other=$right || other=$left
run 0 chen sign "$other" --no "Not this one"
no=$(get .answer)
as chen check P10
holds "any(.[0].records[]; . == \"$no\")" "a no to the other one is to be talked about too"
for who in asha bill chen; do
    for version in "$left" "$right"; do run 0 "$who" sign "$version" --agree --will all; done
done
all_meet
same asha bill chen
run 0 chen agreement "$left"
is .result agreed
is ".beside | map(.version + .result) | join(\",\")" "${right}agreed"
run 0 chen changes "$left" "$right"
holds 'any(.[]; .op == "-" and (.line | contains("With tea"))) and any(.[]; .op == "+" and (.line | contains("Ten people come")))' "how they differ"
refused 2 not_found chen changes "$left" 000000000000
for who in asha bill chen; do stage "$who" changing; done
run 0 chen freeze --stage agreement
both=$(get .version)
"$coplan" --home "$work/chen" text "$both" >"$work/text" 2>"$work/err"
equal 2 "$(grep -c '^parent ' "$work/text")" "parents"
ok "one" grep -q -x "parent $left" "$work/text"
ok "the other" grep -q -x "parent $right" "$work/text"
all_meet
for who in asha bill chen; do run 0 "$who" sign "$both" --agree --will all; done
all_meet
run 0 asha agreement
is .version "$both"
is .round 5
is '.beside | length' 0
for who in asha bill chen; do stage "$who" agreed; done

step "a review decides to change, another to stop; what is done is finished"
run 0 asha note progress "$action" "We did it" "status=done" "rag=green"
stage asha finished
run 0 asha note review plan "We looked again" "held_on=2031-06-01" "decision=change"
stage asha changing 2031-06-02
run 0 asha note review plan "And again" "held_on=2031-07-01" "decision=stop"
stage asha ended 2031-07-02
all_meet
for who in bill chen; do stage "$who" ended; done
for who in asha bill chen dina; do alive "$who"; done
finish
