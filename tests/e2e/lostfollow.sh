# Bill's phone is lost, and he says so in the plan. Asha has not heard of it when she carries the plan on. When Bill comes along his
# phone must not come alive again by his own word. The same with his key, which he changes with his sheet.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

step "asha, and bill with a laptop and a phone"
home asha Asha
run 0 bill init --name Bill --no-passphrase
sheet=$(get .recovery)
serve bill
home phone Bill
run 0 asha plan new "The garden"
old=$(get .plan)
bring asha bill
run 0 bill people
bills=$(get '.[] | select(.name == "Bill") | .person')
laptop=$(get '.[] | select(.name == "Bill") | .devices[0].device')
run 0 bill invite --my-device --out "$work/phone.in"
run 0 phone join "$work/phone.in"
meet bill phone
run 0 bill people
phones=$(get ".[] | select(.person == \"$bills\").devices[] | select(.device != \"$laptop\").device")
meet asha bill

step "he reports it lost; asha carries on before she hears"
run 0 bill revoke-device "$phones"
run 0 asha continue
new=$(get .plan)
meet asha bill
run 0 asha --plan "$new" people
is ".[] | select(.person == \"$bills\").devices | length" 2 "both were let in"

step "bill comes along: the phone does not"
run 0 bill follow "$new"
is .lost 1
run 0 bill --plan "$new" people
is ".[] | select(.person == \"$bills\").devices[] | select(.device == \"$phones\").state" "reported lost"
is ".[] | select(.person == \"$bills\").devices[] | select(.device == \"$laptop\").state" in
run 0 bill --plan "$new" add need "From my laptop"
words=$(get .id)
run 0 bill --plan "$new" add need "To be taken back"
more=$(get .id)
run 0 bill follow "$new"
is '[.again, .lost] | tostring' "[true,0]" "once is enough"
meet asha bill
run 0 asha --plan "$new" people
is ".[] | select(.person == \"$bills\").devices[] | select(.device == \"$phones\").state" "reported lost" "asha knows"
run 0 asha --plan "$new" list need
is '[.[].text] | sort | tostring' '["From my laptop","To be taken back"]'

step "he changes his key with his sheet; asha carries on once more before she hears"
run 0 bill recover "$sheet"
is '.plans | length' 2 "in both plans"
run 0 asha --plan "$new" continue
third=$(get .plan)
meet asha bill
refused 2 key_unheard bill follow "$third"
run 0 bill --plan "$third" digest
entries=$(get .entries)
refused 2 key_unheard bill --plan "$third" withdraw-words "$words" # nothing would be erased by it
run 0 bill --plan "$third" digest
is .entries "$entries" "nothing is written for it"
run 0 bill --plan "$new" withdraw-words "$more"
is "[.elsewhere[] | select(.plan == \"$third\") | .code] | tostring" '["ok"]' "his key, said in the plan before, is said here for it"
refused 2 key_unheard bill follow "$third" # it is not in force here for that
run 0 bill --plan "$third" show "$more"
is .text "" "these words are gone"
run 0 bill --plan "$third" show "$words"
is .text "From my laptop" "the others are there"
run 0 bill recover "$sheet"
is '[.plans[].plan] | tostring' "[\"$third\"]" "said where it was not, by the key that is here"
run 0 bill --plan "$new" withdraw-words "$more"
is '[.statement, (.elsewhere | length)] | tostring' "[null,0]" "nothing is left to do"
run 0 bill follow "$third"
run 0 bill --plan "$third" add need "By my new key"
meet asha bill
run 0 asha --plan "$third" list need
is '[.[].text // "" | select(. != "")] | sort | tostring' '["By my new key","From my laptop"]' "asha takes it for his"
run 0 asha --plan "$third" people
is ".[] | select(.person == \"$bills\").devices[] | select(.device == \"$phones\").state" "reported lost"
finish
