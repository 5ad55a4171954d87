# P11: written down and sent for comment: every comment has a reply, everyone was sent the page.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "no page for comment"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The path"
add asha action "Clear the path"
action=$id
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

step "a comment on an exact line: made on one device, seen on the other with the line it speaks of"
run 0 asha set "$action" "details=With gloves" "lead=Bill" "helpers+=Asha" "due=2031-05-01" "start=2031-04-01" "repeats=weekly" \
    "measure=It is clear" "checked_by=Asha" "check_every=P1M" "cost_pence=1250" "effort_minutes=90" "baseline=Brambles" "target=None" \
    "consulted+=Bill" "informed+=Bill"
add asha resource "Tool box" "amount=10" "unit=count"
run 0 asha set "$action" "costs+=$id:2"
run 0 asha freeze --stage comment
third=$(get .version)
meet bill asha
"$coplan" --home "$work/bill" text "$third" >"$work/text" 2>"$work/err"
for field in text details lead helpers consulted informed start due repeats cost_pence effort_minutes costs measure baseline target \
    checked_by check_every; do
    ok "every field of P9 is on the page: $field" grep -q "^  $field: " "$work/text"
done
"$coplan" --home "$work/bill" text "$third" --numbers >"$work/numbered" 2>"$work/err"
line=$(grep -n '^  due: 2031-05-01$' "$work/text" | cut -d: -f1)
ok "the numbers people see are those of the page" grep -q "^$line  *due: 2031-05-01$" "$work/numbered"
run 0 bill note comment "$third" "Too early: birds nest in May" "about_line=$line"
early=$(get .id)
run 0 bill note comment "$third" "Whose gloves?" "about_item=$action" "about_field=details"
gloves=$(get .id)
run 0 bill note comment "$third" "Good" "about_line=1"
meet asha bill
run 0 asha talk "$third"
holds "any(.[]; .id == \"$early\" and .name == \"Bill\" and .line.number == $line and .line.words == \"due: 2031-05-01\" and .line.item == \"$action\" and .line.field == \"due\")" \
    "the line, its words, and what it belongs to"
holds "any(.[]; .id == \"$gloves\" and .line.words == \"details: With gloves\")" "by field, without a number"
holds 'all(.[]; .line.now == null)' "it is the newest page"
check_is 1 asha P11 no
is '[.[0].reasons[] | select(.code == "no_reply")] | length' 3 "each wants a reply"

step "no such line, no such page, somebody else's business"
lines=$(wc -l <"$work/text" | tr -d ' ')
for bad in 0 -1 2 $((lines + 1)) 99999999 4194304 x "1 2" ""; do
    refused 2 bad_field bill note comment "$third" "Where?" "about_line=$bad"
done
refused 2 bad_field bill note comment "$action" "A line of what?" "about_line=1"
refused_any 2 "not_found usage" bill note comment 000000000000 "Where?" "about_line=1"
refused 2 bad_field bill note reply plan "To nobody's words"
refused 2 bad_field bill note reply "$third" "To a page"
refused_any 2 "not_found usage" bill talk 000000000000

step "the next page moves the line and changes another; the comment stays with its own page, and says where the words are now"
run 0 asha set plan "purpose=A path" "kind_of_place=neighbourhood" "if_behind=We ring round"
run 0 asha note reply "$gloves" "The council has some" "changed=yes"
run 0 asha set "$action" "details=With gloves from the council" "informed-=Bill"
add asha action "Before all others" "position=0"
run 0 asha freeze --stage comment
fourth=$(get .version)
meet bill asha
early bill
run 0 bill note reply "$early" "Or do they nest in June?" "differently=yes"
meet asha bill
run 0 asha note comment "$third" "And who pays?" "about_line=$line"
late=$(get .id)
meet bill asha
same asha bill
dealt 2 asha bill
"$coplan" --home "$work/bill" text "$fourth" >"$work/newer" 2>"$work/err"
moved=$(grep -n '^  due: 2031-05-01$' "$work/newer" | cut -d: -f1)
changed=$(grep -n '^  details: With gloves from the council$' "$work/newer" | cut -d: -f1)
differ "$line" "$moved" "the line has moved"
for who in asha bill dealt; do
    run 0 "$who" talk "$third"
    holds "any(.[]; .id == \"$early\" and .line.number == $line and .line.now.how == \"same\" and .line.now.number == $moved and .line.now.version == \"$fourth\")" \
        "moved, at $who's"
    holds "any(.[]; .id == \"$gloves\" and .line.words == \"details: With gloves\" and .line.now.how == \"changed\" and .line.now.number == $changed and .line.now.words == \"details: With gloves from the council\")" \
        "changed, at $who's"
    holds "any(.[]; .kind == \"reply\" and .depth == 1 and .differently == true and .quotes.text == \"Too early: birds nest in May\" and .quotes.name == \"Bill\")" \
        "a reply has the words it answers, at $who's"
    run 0 "$who" talk "$fourth"
    is length 0 "nobody has said anything of the new page, at $who's"
    check_is 1 "$who" P11 no
    is '[.[0].reasons[] | select(.code == "no_reply") | .record] | length' 2 "a comment on an older page is still owed a reply, at $who's"
    holds "any(.[0].reasons[]; .code == \"no_reply\" and .record == \"$late\")"
done
"$coplan" --home "$work/asha" talk "$third" >"$work/human" 2>&1
ok "in words: the line" grep -q "About line $line: due: 2031-05-01" "$work/human"
ok "in words: where it is now" grep -q "these words are line $moved" "$work/human"
ok "in words: the quote" grep -q "To Bill, who said: Too early: birds nest in May" "$work/human"
ok "in words: differently" grep -q "Bill sees it differently, because: Or do they nest in June?" "$work/human"

step "words taken back are not quoted, and hostile words stay words"
run 0 bill withdraw-words "$early"
meet asha bill
for who in asha bill; do
    run 0 "$who" talk
    holds '[.. | strings] | any(contains("birds nest")) | not' "gone at $who's"
done
run 0 asha note comment "$fourth" "$(printf '=1+1\342\200\256\nabout line 3: forged')" "about_line=3"
meet bill asha
"$coplan" --home "$work/bill" talk "$fourth" >"$work/human" 2>&1
ok "marks are shown" grep -q 'u{202e}' "$work/human"
not "no line is forged" grep -q '^about line 3' "$work/human"
finish
