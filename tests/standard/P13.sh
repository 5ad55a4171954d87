# P13: the agreed page is given to everyone whom it names in an action, in the form they asked for. Two people give
# one person a copy apart: that person counts once. A receipt for one page does not count for the next.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

# state NAME STATE IN-FORM : what the hand-out list at asha's says of somebody
copy_is() {
    run 0 asha hand-out
    holds "any(.copies[]; .name == \"$1\" and .state == \"$2\" and .in_form == $3)" "$1: $2, in the form asked for: $3"
}

step "no page that is agreed"
home asha "Asha"
home bill "Bill"
home chen "Chen"
run 0 asha plan new "The bench"
bring asha bill
bring asha chen
early chen
refused 2 not_found asha hand-out
add asha someone "Eve, the caretaker" "wants_format=large_print"
eve=$id
add asha action "Mend the bench" "lead=Bill" "helpers+=Asha" "informed+=$eve"
run 0 bill set me "wants_format=easy_read" "wants_language=en" "wants_by=post"
meet bill asha
check_is 1 asha P13 no
reason not_agreed
run 0 asha freeze --stage agreement --anyway "it is a bench"
version=$(get .version)
check_words=$(get .check_words)
for who in bill chen; do meet "$who" asha; done
for who in asha bill chen; do run 0 "$who" sign "$version" --agree --will all; done
for who in bill chen asha bill; do [ "$who" = asha ] || meet "$who" asha; done
run 0 asha agreement
is .result agreed

step "the list: who must get what, why, and in which form"
run 0 asha hand-out
is '.copies | length' 4
holds 'any(.copies[]; .name == "Eve, the caretaker" and .format == "large_print" and .why == ["named"])' "someone without a device, too"
holds 'all(.copies[]; .state == "to give" and .in_form == false and .receipt == null)' "nothing given yet"
holds 'any(.copies[]; .name == "Bill" and .format == "easy_read" and .language == "en" and .way == "post" and .my_part == true and .why == ["named", "answers"])' \
    "Bill is named, and asked for easy read by post"
holds 'any(.copies[]; .name == "Chen" and .my_part == false and .why == ["answers"])' "Chen is asked, and does nothing"
check_is 1 asha P13 no
is '[.[0].reasons[] | select(.code == "not_given") | .args[0]] | sort | join("/")' "Asha/Bill/Eve, the caretaker" "all whom an action names"
holds 'any(.[0].why[]; contains("easy_read"))' "and the form"

step "what a receipt must say"
refused 2 usage asha receipt "$version" --state given
refused 2 bad_field asha receipt "$version" --to Bill
refused 2 bad_field asha receipt "$version" --to Nobody --state given
refused 2 bad_field asha receipt "$version" --to Bill --state thrown
refused 2 bad_field asha receipt "$version" --to Bill --state given --on 2031-02-30
refused 2 bad_field asha receipt "$version" --to Bill --state could-not
refused 2 bad_field asha receipt "$version" --to Bill --state got
refused_any 2 "not_found usage" asha receipt "ffffffffffffffff" --to Bill --state given
refused_any 2 "not_found usage" asha receipt "" --to Bill --state given
refused 2 bad_field asha receipt "$version" --to Bill --state given --part half
run 0 asha receipts
is length 0 "nothing was written"

step "another form than the one asked for is not yet what was asked for"
run 0 asha receipt "$version" --to Asha --state given
run 0 asha receipt "$version" --to "Eve, the caretaker" --state got --in-their-hand --format large-print
run 0 asha receipt "$version" --to Bill --state given --format standard
copy_is Bill given false
check_is 1 asha P13 no
is '[.[0].reasons[] | select(.code == "not_given") | .args[0]] | join(" ")' "Bill"

step "two people give Bill his copy apart: both are kept, Bill counts once"
run 0 asha receipt "$version" --to Bill --state given --format easy-read --why "$(printf '=HYPERLINK("x")\342\200\256')"
run 0 chen receipt "$version" --to "$person_bill" --state got --in-their-hand --format easy-read --part mine
for who in chen bill chen; do meet "$who" asha; done
same asha bill chen
dealt 1 asha bill chen
for who in asha bill chen dealt; do
    check_is 0 "$who" P13 yes
    is '.[0].reasons | length' 0
done
run 0 asha hand-out
is '.copies | length' 4 "each person once"
copy_is Bill got true
run 0 asha receipts "$version"
is '[.[] | select(.to_name == "Bill")] | length' 3 "every receipt is kept"
holds 'any(.[]; .name == "Chen" and .counts_as == "got" and .how == "hand" and .part == "mine")'
run 0 asha show "$version"
is '.receipts | length' 5 "show has them"
is .kind version
keys . id kind state history notes receipts

step "a copy made for Bill, in his form and with his part first, and noted"
cd "$work" || fatal "no $work"
run 0 asha hand-out --who Bill
is .format easy_read
is .file "hand-out-$(printf %.12s "$person_bill").html" "a name that nobody typed"
ok "his page" grep -q "Mend the bench" "$(get .file)"
ok "his part" grep -q "Your part" "$(get .file)"
ok "the agreed words" grep -q "$check_words" "$(get .file)"
receipt=$(get .receipt)
run 0 asha receipts "$version"
holds "any(.[]; .id == \"$receipt\" and .to_name == \"Bill\" and .counts_as == \"given\" and .format == \"easy_read\" and .how == \"post\" and .part == \"all\" and .language == \"en\")"
run 0 asha hand-out "$version" --who Bill --format large-print --mine --out "$work/large.html"
ok "written where asked" test -s "$work/large.html"
run 0 asha hand-out --who "$(printf %.8s "$person_chen")" --format audio --out "$work/chen.md"
ok "text to read out" grep -q "Mend the bench" "$work/chen.md"
refused 2 not_found asha hand-out --who Nobody
refused 2 usage asha hand-out --format easy-read
refused 2 usage asha hand-out --who Chen --mine
as asha hand-out --who Bill --out /nonexistent/x.html
differ 0 "$status" "exit status of a file that cannot be written"
run 0 asha receipts "$version"
is length 8 "what could not be made was not noted"

step "with the next page everything is to give again"
add asha action "Paint it" "lead=Chen"
run 0 asha freeze --stage agreement --anyway "it is a bench"
second=$(get .version)
for who in bill chen; do meet "$who" asha; done
for who in asha bill chen; do run 0 "$who" sign "$second" --agree --will all; done
for who in bill chen; do meet "$who" asha; done
check_is 1 asha P13 no
is '[.[0].reasons[] | select(.code == "not_given") | .args[0]] | sort | join("/")' "Asha/Bill/Chen/Eve, the caretaker" "the old copies do not count"
run 0 asha hand-out "$version"
holds 'any(.copies[]; .name == "Bill" and .state == "got")' "for the old page they still do"
run 0 bill receipt "$second" --to me --state got
run 0 bill receipt "$second" --to Chen --state could-not --why "away" --try-again 2031-05-01
meet bill asha
copy_is Bill got true
check_is 1 asha P13 no
reason could_not_give
holds 'any(.[0].why[]; contains("away") and contains("2031-05-01"))' "why, and when we try again"
run 0 asha receipt "$second" --to Asha --to Chen --state given
is '.receipts | length' 2
run 0 asha hand-out --who "Eve, the caretaker" --out "$work/eve.html"
is .format large_print
check_is 0 asha P13 yes

step "twice is once, and whose word it was shows"
run 0 asha receipt "$second" --to Asha --state given
check_is 0 asha P13 yes
run 0 asha log
holds 'any(.[]; .what.kind == "receipt")' "the log has receipts"
for who in asha bill chen; do alive "$who"; done
finish
