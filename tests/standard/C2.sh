# C2: people take part in their own way: what they want is asked of them alone and is what they get; a day they cannot is
# flagged on the action and on their copy; of two devices of one person only that person says which they meant.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "nobody else can say how Bill wants to take part"
home asha "Asha"
home bill "Bill"
home phone "Bill"
run 0 asha plan new "The market"
bring asha bill
check_is 0 asha C2 "needs people"
reason no_wants
run 0 asha set me "wants_format=standard"
run 0 bill set me "wants_format=easy_read" "wants_language=cy" "wants_by=post" "cannot_on+=2031-05-01"
refused_any 2 "not_yours bad_field" asha set "$person_bill" "wants_format=audio"
meet bill asha
check_is 0 asha C2 yes

step "a day he cannot: on the point, on the action, and on his copy"
add asha action "Put up the stalls" "lead=Bill" "due=2031-05-01"
action=$id
run 0 asha set "$action" "text.cy=Zz stondinau" "plain=We put up the stalls." "plain.cy=Zz syml."
run 0 asha set plan "title.cy=Zz farchnad"
check_is 1 asha C2 no
reason date_clash
holds '.[0].why[0] | contains("Bill") and contains("2031-05-01")' "who and when"
run 0 asha show "$action"
holds '.marks | any(contains("Bill cannot on 2031-05-01"))' "on the action"
meet bill asha
for who in asha bill; do
    run 0 "$who" freeze --stage agreement --anyway "to show it"
    run 0 "$who" hand-out
    holds 'any(.copies[]; .name == "Bill" and (.clashes | length) == 1 and .clashes[0].day == "2031-05-01")' "on the list, at $who's"
    holds 'all(.copies[]; .name == "Bill" or (.clashes | length) == 0)' "and on nobody else's"
done
cd "$work" || fatal "no $work"
meet bill asha

step "the copy: easy read, in Welsh, with its title, and by post"
run 0 asha hand-out --who Bill --out "$work/bill.html"
is .format easy_read
ok "title in his language" grep -q '<title>[^<]*Zz farchnad' "$work/bill.html"
ok "his language" grep -q 'lang="*cy' "$work/bill.html"
ok "plain words in his language" grep -q 'Zz syml' "$work/bill.html"
not "and not the others'" grep -q 'We put up the stalls' "$work/bill.html"
ok "the day he cannot" grep -q 'cannot on.*1 May 2031\|cannot on.*2031-05-01' "$work/bill.html"
run 0 asha receipts
holds 'any(.[]; .to_name == "Bill" and .format == "easy_read" and .language == "cy" and .how == "post")' "noted as he asked for it"
for format in standard large-print audio; do
    run 0 asha hand-out --who Bill --format "$format" --out "$work/$format"
    ok "the day, as $format" grep -q 'cannot on' "$work/$format"
done
run 0 asha hand-out --who Asha --out "$work/asha.html"
not "on nobody else's copy" grep -q 'cannot on' "$work/asha.html"
run 0 asha set "$action" "due=2031-05-02"
check_is 0 asha C2 yes
run 0 asha show "$action"
is '.marks | length' 0

step "said on the phone and on the tablet apart: Bill is asked, and until then neither counts"
run 0 bill invite --my-device
invitation=$(get .invite)
run 0 phone join "$invitation"
is .person "$person_bill" "the phone is Bill's"
meet phone bill
meet bill asha
early bill
run 0 bill set me "wants_format=large_print"
run 0 phone set me "wants_format=audio"
meet phone bill
meet bill asha
meet phone asha
same asha bill phone
dealt 2 asha bill phone
for who in asha bill phone dealt; do
    check_is 0 "$who" C2 "needs people"
    reason wants_two
    run 0 "$who" hand-out
    holds 'any(.copies[]; .name == "Bill" and .format == "")' "neither, at $who's"
done
run 0 asha wordings
refused_any 2 "not_yours bad_field" asha choose "$person_bill" wants_format --keep 1
run 0 phone choose me wants_format --keep 2
meet phone asha
meet bill asha
check_is 0 asha C2 yes
finish
