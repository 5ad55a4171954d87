# Carrying on: of five people, four carry on without one, each by their own signature. The one left behind gets nothing new,
# every earlier proof verifies, nobody's words are lost. By meeting and by stick; twice over; and the ways it is refused.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_proof.sh"
echo "a green door" >"$work/dora.pass"
echo "wrong" >"$work/wrong.pass"

# plan_of HOME OLD : sets $new, the plan there that carries on OLD
plan_of() {
    run 0 "$1" plan list
    new=$(get ".[] | select(.continues == \"$2\") | .plan")
}

step "five people in one plan, with an agreement that all signed"
home asha Asha
home bill Bill
home chen Chen
home emil Emil
GLOBAL="--passphrase-file $work/dora.pass"
run 0 dora init --name Dora
dora=$(get .person)
run 0 dora unlock
GLOBAL=""
serve dora
run 0 asha plan new "The garden"
old=$(get .plan)
bring asha bill
bring asha chen
bring asha emil
run 0 asha invite
invitation=$(get .invite)
GLOBAL="--passphrase-file $work/dora.pass"
run 0 dora join "$invitation"
is .state in
GLOBAL=""
run 0 asha add action "Plant trees"
action=$(get .id)
complete asha "$action" Asha Chen
run 0 asha freeze --stage agreement --anyway "to sign it"
first=$(get .version)
for who in bill chen dora emil; do meet "$who" asha; done
run 0 asha sign "$first" --agree --will all
for who in bill chen emil; do run 0 "$who" sign "$first" --agree; done
GLOBAL="--passphrase-file $work/dora.pass"
run 0 dora sign "$first" --agree
GLOBAL=""
run 0 emil add need "Emil's own words"
for who in bill chen dora emil bill chen dora; do meet "$who" asha; done
run 0 asha proof "$first" --out "$work/before"
good_proof "$work/before" "$first" 5

step "refused: without somebody who is not there, without oneself, into a plan that carries on nothing"
refused 2 not_found asha continue --without Nobody
refused 2 usage asha continue --without Asha
refused 2 usage asha continue Emil
refused 2 no_continuation asha follow "$old"
refused 2 not_found asha follow abcdef
run 0 asha plan list
is length 1 "nothing was begun"

step "asha carries on without emil"
run 0 asha continue --without Emil
keys . plan people continues
new=$(get .plan)
is .continues "$old"
is '.people | length' 4
is "[.people[] | select(.follows) | .name] | join(\",\")" Asha "she comes by her own word, like the others"
is "[.people[] | select(.name == \"Emil\")] | length" 0
run 0 asha plan list
is ".[] | select(.plan == \"$new\") | [.named, .come, .follows] | tostring" "[4,1,true]"
is ".[] | select(.plan == \"$old\") | .carried_on[0].plan" "$new" "the old plan shows where it is carried on"
is ".[] | select(.plan == \"$new\") | .title" "The garden" "all that was written before is in it"
run 0 asha --plan "$new" list need
holds 'any(.[]; .text == "Emil'"'"'s own words")' "nobody's words are lost"
run 0 asha --plan "$new" list action
is '.[0].id' "$action" "under the same id"
:
run 0 asha status
is "[.plans[].void] | add" 0 "nothing lost its effect"
refused 2 which_plan asha list need
run 0 asha --plan "$new" people
is "[.[] | select(.standing)] | length" 1 "only who has come is one of us"
is ".[] | select(.name == \"Bill\") | .devices[0].state" "to follow"
is ".[] | select(.name == \"Emil\") | .devices[0].state" "not in"
run 0 asha --plan "$new" set "$action" "why=Shade"
run 0 asha --plan "$new" add need "Written in the new plan"
later=$(get .id)

step "bill comes by meeting, chen by stick; dora is asked for her passphrase"
meet bill asha
run 0 bill plan list
is ".[] | select(.plan == \"$new\") | [.come, .follows] | tostring" "[1,false]" "he sees it and has not come"
refused 2 not_followed bill --plan "$new" add need "Before I came"
refused 2 not_followed bill --plan "$new" invite
run 0 bill follow "$new"
is "[.people[] | select(.follows) | .name] | sort | join(\",\")" "Asha,Bill"
is .left_old false
run 0 bill follow "$new"
is .again true "twice is once"
run 0 asha --plan "$new" bundle write "$work/stick"
run 0 chen bundle read "$work/stick"
holds '.taken > 0 and .refused == 0'
run 0 chen follow "${new%????????????????????????????????????????????????}" --leave-old
is .left_old true
run 0 chen bundle write "$work/back"
run 0 asha bundle read "$work/back"
run 0 asha plan list
is ".[] | select(.plan == \"$new\") | .come" 2 "chen's word came by stick, bill's not yet"
meet dora asha
GLOBAL="--passphrase-file $work/wrong.pass"
refused 2 wrong_passphrase dora follow "$new"
GLOBAL=""
refused 3 passphrase_needed dora follow "$new"
GLOBAL="--passphrase-file $work/dora.pass"
run 0 dora follow "$new"
GLOBAL=""
is "[.people[] | select(.person == \"$dora\") | .follows] | tostring" "[true]"
for who in bill chen dora bill chen; do meet "$who" asha; done
run 0 dora plan list
is ".[] | select(.plan == \"$new\") | [.come, .named] | tostring" "[4,4]" "4 of 4 have come"
ok "in words" sh -c "'$coplan' --home '$work/bill' plan list | grep -q '4 of 4 have come'"

step "all four hold the same; everybody's words and answers are there"
for who in asha bill chen dora; do
    run 0 "$who" --plan "$new" digest
    jq -c '[.entries, .log, .state]' "$work/out" >"$work/digest.$who"
done
for who in bill chen dora; do equal "$(cat "$work/digest.asha")" "$(cat "$work/digest.$who")" "digest of $who"; done
run 0 dora --plan "$new" list need
holds 'any(.[]; .text == "Emil'"'"'s own words")'
holds 'any(.[]; .text == "Written in the new plan")'
run 0 bill --plan "$new" agreement "$first"
is '.answers | length' 5 "the page that was signed before"
is "[.not_asked[]] | length" 0
run 0 chen --plan "$new" proof "$first" --out "$work/after"
good_proof "$work/after" "$first" 5
ok "the same proof" diff -r "$work/before" "$work/after"
run 0 bill --plan "$new" set "$action" "why=Shade and birds"
run 0 bill --plan "$new" freeze --stage agreement --anyway "to sign it"
second=$(get .version)
run 0 bill --plan "$new" agreement "$second"
is '[.waiting_for[].name] | sort | join(",")' Asha,Bill,Chen,Dora "emil is not asked any more"

step "emil gets nothing new; the old plan is still his and readable"
run 0 emil --plan "$old" add need "After they went on"
address asha
as emil sync "$address"
run 0 emil plan list
is length 1 "he is not told of the new plan"
is '.[0].plan' "$old"
not "nor anything of it" grep -rq "Written in the new plan" "$work/out"
run 0 emil list need
is "[.[] | select(.id == \"$later\")] | length" 0
run 0 asha --plan "$new" list need
is "[.[] | select(.text == \"After they went on\")] | length" 0 "what he writes later stays in the old plan"
run 0 asha --plan "$new" bundle write "$work/four"
refused_any 2 "not_for_us" emil bundle read "$work/four"
refused 2 not_found emil follow "$new"
"$coplan" --home "$work/asha" --plan "$new" people >"$work/words"
ok "whom it was not carried on for was never in it" grep -q "Emil.*(not in this plan)" "$work/words"
not "nor is anybody out of it" grep -q "no longer in" "$work/words"
address chen
as chen sync
run 0 chen status
is ".plans[] | select(.plan == \"$old\") | .left_old" true
"$coplan" --home "$work/chen" status >"$work/words"
ok "others are counted in the new plan" grep -q "other devices have" "$work/words"
sed -n "/^$(echo "$old" | cut -c1-12)/,/^[0-9a-f]\{12\}  /p" "$work/words" >"$work/words.old"
ok "nothing of the old one is sent" grep -q "nothing of it is sent" "$work/words.old"
not "so nobody is to be brought the rest" grep -q "other devices have" "$work/words.old"
run 0 chen --plan "$old" note comment "$action" "To nobody"
ok "and whoever writes there is told" grep -q "This stays on this device" "$work/err"
run 0 chen --plan "$new" note comment "$action" "To all"
not "not of the new one" grep -q "This stays on this device" "$work/err"
run 0 chen --plan "$old" proof "$first" --out "$work/old"
good_proof "$work/old" "$first" 5

step "what was written in the old plan meanwhile: own words are written again, somebody else's by naming them"
run 0 bill --plan "$old" add need "Bill, in the old plan"
echo "a letter" >"$work/letter.txt"
run 0 bill --plan "$old" attach "$(get .id)" "$work/letter.txt" --alt "A letter, in the old plan"
run 0 emil list need
emils=$(get '.[] | select(.text == "After they went on") | .id')
address emil
as bill sync "$address"
run 0 bill follow "$new"
is .beyond 2
run 0 bill --plan "$new" again --look
is '[.could, (.written | length)] | tostring' "[2,0]"
run 0 bill --plan "$new" again
is '[.could, (.written | length), .left] | tostring' "[2,2,0]"
run 0 bill --plan "$new" again
is .could 0 "twice is once"
run 0 bill --plan "$new" list need
holds 'any(.[]; .text == "Bill, in the old plan")'
needs_new=$(get '.[] | select(.text == "Bill, in the old plan") | .id')
run 0 bill --plan "$new" attachments "$needs_new"
is '[.[] | .alt, .state] | join(": ")' "A letter, in the old plan: here" "with its bytes"
run 0 bill --plan "$new" save "$(get '.[0].id')" "$work/letter.out"
ok "the same letter" cmp "$work/letter.txt" "$work/letter.out"
run 0 bill --plan "$new" again "$emils"
is '.written | length' 1
run 0 bill --plan "$new" list need
holds 'any(.[]; .text == "After they went on")' "emil's later words, taken over by naming them"
refused 2 not_found bill --plan "$new" again abcdef
refused 2 no_continuation bill --plan "$old" again

step "words taken back in one plan go in every plan that has them"
run 0 chen --plan "$old" add need "Chen was too quick"
run 0 asha --plan "$new" list need
emil_words=$(get '.[] | select(.text == "Emil'"'"'s own words") | .id')
run 0 asha --plan "$new" set "$emil_words" "why=Asha thought so"
whys=$(get .entry)
run 0 asha --plan "$new" withdraw-words "$whys"
run 0 asha --plan "$old" set "$action" "why=said before"
whys=$(get .entry)
run 0 asha --plan "$old" continue --without Dora --without Chen
side=$(get .plan)
run 0 asha --plan "$side" withdraw-words "$whys"
is '[.elsewhere[] | .plan, .code] | join(" ")' "$old ok" "the other plan that has it is named; the one that has not is not"
run 0 asha --plan "$side" withdraw-words "$whys"
is '[.statement, (.elsewhere | length)] | tostring' "[null,0]" "again there is nothing left to do"
for plan in "$old" "$side"; do
    run 0 asha --plan "$plan" log "$action"
    is "[.[] | select(.entry == \"$whys\") | .withdrawn] | tostring" "[true]" "gone there too"
done

step "a new plan has new doors: somebody new comes in by it, with all that was before"
home finn Finn
run 0 dora --plan "$new" invite
invitation=$(get .invite)
address dora
run 0 finn join "$invitation"
is .state in
run 0 finn list need
holds 'any(.[]; .text == "Emil'"'"'s own words")'
holds 'any(.[]; .text == "Written in the new plan")'
run 0 finn digest
run 0 finn plan list
is '.[0].come' 4

step "two continuations side by side; one of the continuation; leaving after following"
run 0 bill --plan "$old" continue --without Dora --without Asha
other=$(get .plan)
differ "$new" "$other" "another group"
run 0 bill plan list
is ".[] | select(.plan == \"$old\") | .carried_on | length" 2
meet asha dora
run 0 asha --plan "$new" continue
third=$(get .plan)
is '.people | length' 5
meet finn asha
run 0 finn follow "$third"
is '[.people[] | select(.follows)] | length' 2
run 0 finn --plan "$third" list need
holds 'any(.[]; .text == "Emil'"'"'s own words")' "through two plans"
run 0 finn --plan "$third" leave
meet finn asha
run 0 asha --plan "$third" people
is '.[] | select(.name == "Finn") | .left' true
finish
