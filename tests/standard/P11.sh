# P11: written down and sent for comment: every comment has a reply, everyone was sent the page.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "no page for comment"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The path"
add asha action "Clear the path"
bring asha bill
check_is 1 asha P11 no
reason no_comment_page

step "two devices make the same page; it was sent to nobody yet"
meet bill asha
run 0 asha freeze --stage comment
version=$(get .version)
run 0 bill freeze --stage comment
is .version "$version" "the same words, the same page"
meet bill asha
check_is 1 asha P11 no
reason not_sent
is '[.[0].reasons[] | select(.code == "not_sent")] | length' 2 "both are named"

step "a comment wants a reply"
run 0 bill note comment "$version" "Which path?"
comment=$(get .id)
meet bill asha
check_is 1 asha P11 no
reason no_reply
holds 'any(.[0].why[]; contains("Which path?"))' "its words"
run 0 asha note reply "$comment" "The one to the river" "changed=yes"
check_is 1 asha P11 no
no_reason no_reply

step "sent to each within the time agreed: met; the day decides, and the earliest counts"
today=$(date -u +%Y-%m-%d)
later=$(date -u -d "+9 days" +%Y-%m-%d)
run 0 asha receipt "$version" --to Asha --state given
run 0 asha receipt "$version" --to Bill --state sent --format easy-read --how post --on "$later"
check_is 1 asha P11 no
no_reason not_sent
reason sent_late
holds "any(.[0].why[]; contains(\"$later\"))" "the late day is named"
run 0 bill receipt "$version" --to me --state got --on "$today"
check_is 1 bill P11 no
meet bill asha
for who in asha bill; do
    check_is 0 "$who" P11 yes
done
same asha bill

step "what could not be given is not sent, and a page made later begins anew"
run 0 asha set plan "purpose=A path for everyone"
run 0 asha freeze --stage comment
second=$(get .version)
differ "$version" "$second" "pages"
check_is 1 asha P11 no
is '[.[0].reasons[] | select(.code == "not_sent")] | length' 2 "nobody was sent the new page"
run 0 asha receipt "$second" --to Asha --state given
run 0 asha receipt "$second" --to Bill --state could-not --why "nobody was at home" --try-again "$later"
check_is 1 asha P11 no
is '[.[0].reasons[] | select(.code == "not_sent")] | length' 1 "could not be given is not sent"
run 0 asha receipts "$second"
is length 2
holds "any(.[]; .state == \"could_not\" and .counts_as == \"could not\" and .try_again == \"$later\" and .why == \"nobody was at home\")"
finish
