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
finish
