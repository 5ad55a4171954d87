# Everything is stolen but the sheet: a thief who has the devices and the key, and an owner who has the paper.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"


step "asha has a plan with bill and chu, a phone, and a page that all have agreed to"
with_sheet asha Asha
home phone Asha
home bill Bill
home chu Chu
run 0 asha plan new "A garden for the street"
plan=$(get .plan)
run 0 asha people
asha=$(get '.[0].person')
laptop=$(get '.[0].devices[0].device')
bring asha bill
run 0 asha invite --my-device --out "$work/phone.in"
run 0 phone join "$work/phone.in"
bring phone chu
add asha action "Build raised beds"
beds=$id
run 0 asha freeze --stage agreement --anyway "to try it"
version=$(get .version)
run 0 asha sign "$version" --agree --will all
meet bill asha
run 0 bill sign "$version" --agree --will all
meet bill asha
meet phone asha
meet chu asha
run 0 chu sign "$version" --agree --will all
meet chu asha
run 0 asha agreement "$version"
answered=$(get '.answers | map(select(.answer == "agree")) | length')
equal 3 "$answered" "three have answered"
run 0 asha proof "$version" --out "$work/before"
run 0 asha verify "$work/before"
is .result good "a proof from before"
run 0 asha key me
old_words=$(get .words)
run 0 bill key "$asha" "$old_words"
add asha strength "Tools that we share"
hers=$id
meet bill asha
meet phone asha

step "the thief has phone and laptop, and no passphrase stands in their way"
run 0 phone people
run 0 phone revoke-device "$laptop" # in asha's name, by her own key
run 0 phone set plan "title=All mine"
run 0 phone sign "$version" --no "I never wanted this"
run 0 phone log
never=$(get '[.[] | select(.what.kind == "answer")][-1].entry')
home friend Friend
bring phone friend
add friend need "More for me"
run 0 phone invite --my-device --out "$work/third.in"
home third Asha
run 0 third join "$work/third.in"
is .state in "a third device in asha's name"
meet bill phone
run 0 bill people
is ".[] | select(.person == \"$asha\").devices[] | select(.device == \"$laptop\").state" "reported lost" "so bill's device thinks"
refused 2 not_yours bill revoke-device "$laptop"

step "somebody else brings what the thief signed once more, in an entry of their own"
meet chu bill
run 0 chu daemon stop
"$COPLAN_BIN/tests/e2e/forge" "$work/chu" "$never" >"$work/again" || fatal "no forging"
serve chu
meet bill chu

step "an answer that its person did not sign is nobody's words"
run 0 chu note reply "$never" "A true one"
run 0 chu daemon stop
forged=$("$COPLAN_BIN/tests/e2e/forge" "$work/chu" "$never" "She never said this") || fatal "no forging"
serve chu
run 0 chu note reply "$forged" "As you say, Asha"
meet bill chu
run 0 bill talk
holds '[.[] | select(.text == "A true one") | .quotes.name] == ["Asha"]' "what was signed is quoted"
holds '[.[] | select(.text == "As you say, Asha") | .quotes] == [null]' "what was not is not"
holds 'tostring | contains("never said this") | not'

step "a sheet that is typed wrong says so"
home new "Asha"
refused 2 bad_sheet new recover "ABCD-EFGH"
refused 2 bad_sheet new recover ""
refused 2 bad_sheet new recover "$(cat "$work/asha.sheet")" # this device knows nothing of asha yet
sheet=$(cat "$work/asha.sheet")
refused 2 usage new recover
two_wrong=$(printf '%s' "$sheet" | sed 's/^..../0000/')
[ "$two_wrong" = "$sheet" ] || refused 2 bad_sheet new recover "$two_wrong"

step "asked back by bill: only the sheet makes anything of that invitation"
refused 2 not_found bill invite --for Nobody
run 0 bill invite --for Asha --out "$work/back.in"
refused 2 bad_invitation friend join "$work/back.in"
with_sheet stranger Stranger
run 0 bill invite --for Asha --out "$work/wrong.in"
as stranger recover "$(cat "$work/stranger.sheet")" "$work/wrong.in"
checks=$((checks + 1))
[ "$status" = 2 ] || bad "a stranger's sheet opens no door"
run 0 stranger status
is '.persons[0].person' "$person_stranger" "and the stranger is who they were"
run 0 stranger plan new "A plan of my own"
run 0 bill people
is ".[] | select(.person == \"$asha\").devices | length" 3 "nobody came in by it"

step "the wrong sheet first: the device is as it was, and also one that waits takes the right sheet"
refused 2 bad_sheet new recover "$(cat "$work/stranger.sheet")" "$work/back.in"
refused 2 bad_sheet new recover "$(cat "$work/stranger.sheet")" "$work/back.in"
refused 2 invitation_used new join "$work/phone.in" # a link that was used: it is nobody's device by that
run 0 new status
is '.persons[0].person' "$person_new" "who it was before"
run 0 new recover "$(cat "$work/stranger.sheet")" "$work/back.in" --out "$work/wrong.ask"
is .state waiting "by stick it waits"
as bill bundle read "$work/wrong.ask"
run 0 bill people
is ".[] | select(.person == \"$asha\").devices | length" 3 "nobody comes in by that"
kill -9 "$(cat "$work/new.pid")"
gone "$(cat "$work/new.pid")"
ended new
serve new

step "asha comes back on a new device, the sheet in small letters, with spaces and one letter wrong"
first=$(printf '%s' "$sheet" | cut -c1)
other=0
[ "$first" != 0 ] || other=1
typed=$(printf '%s%s' "$other" "$(printf '%s' "$sheet" | cut -c2-)" | tr 'A-Z-' 'a-z ')
run 0 new recover "$typed" "$work/back.in" --after "$hers"
is .state in "she is in"
is .person "$asha" "as who she was"
is .forgiven "1.1" "one letter was forgiven"
is '.plans | length' 1 "one plan"
is '.plans[0].stay' 1 "this device stays"
holds '.plans[0].lost >= 3' "the others are reported lost"
holds '.plans[0].statements >= 1' "what she signed before stands"
meet new bill

# as_it_was HOME LOST : nothing of the thief's, everything of asha's; so many answers by the lost key are shown as that
as_it_was() {
    run 0 "$1" show plan
    is .fields.title "A garden for the street" "$1: its title"
    run 0 "$1" list need
    is length 0 "$1: nothing of the friend's"
    run 0 "$1" list strength
    is '.[0].id' "$hers" "$1: what was hers"
    run 0 "$1" agreement "$version"
    is ".answers[] | select(.person == \"$asha\").answer" agree "$1: her answer, not the thief's"
    is '.lost_key | length' "$2" "$1: the thief's is shown as made with a lost key"
    run 0 "$1" people
    is ".[] | select(.name == \"Bill\").standing" true "$1: bill"
    is ".[] | select(.name == \"Chu\").standing" true "$1: chu, whom she let in on her phone"
    is ".[] | select(.name == \"Friend\").standing" false "$1: not the friend"
    is "[.[] | select(.person == \"$asha\").devices[] | select(.standing)] | length" 1 "$1: one device of hers"
}
as_it_was new 1
as_it_was bill 1
same new bill
ok "in words" sh -c "'$coplan' --home '$work/bill' agreement '$version' | grep -q 'key that was reported lost'"
meet chu bill
as_it_was chu 1
same chu bill

step "the thief can do nothing more in her name"
address bill
for home in phone asha third friend; do
    as $home sync "$address"
    checks=$((checks + 1))
    [ "$status" -ne 0 ] || holds 'all(.[]; .in_sync != true)' "$home meets bill no more"
done
add bill resource "A shed" amount=1
run 0 phone list resource
is length 0 "nothing new reaches the phone"
run 0 new people
new_device=$(get ".[] | select(.person == \"$asha\").devices[] | select(.standing).device")
as phone revoke-device "$new_device"
as phone revoke-device "$laptop"
as phone sign "$version" --no "Again no"
as third add need "Nothing"
run 0 phone bundle write "$work/thief.bundle" --for Bill
as bill bundle read "$work/thief.bundle"
as_it_was bill 2
run 0 new status
run 0 new digest
meet new bill
same new bill

step "she goes on: writes, signs, asks people in, links a device by the new key"
add new action "Paint the fence"
run 0 new freeze --stage agreement --anyway "a new one"
second=$(get .version)
run 0 new sign "$second" --agree --will all
run 0 new agreement "$second"
is ".answers[] | select(.person == \"$asha\").answer" agree "her answer by the new key"
home dee Dee
bring new dee
home tablet Asha
run 0 new invite --my-device --out "$work/tablet.in"
run 0 tablet join "$work/tablet.in"
is .state in "a tablet"
is .person "$asha" "hers"
run 0 new people
is ".[] | select(.person == \"$asha\").devices | map(select(.standing)) | length" 2 "two devices of hers"
meet bill new
meet tablet bill
same new bill tablet
refused 2 new_person new plan new "Somewhere else"

step "her new key is another to compare; whoever saw the old one has not seen it"
run 0 new key me
words=$(get .words)
differ "$words" "$old_words" "the words of her keys"
run 0 bill key "$asha"
is .words "$words"
is '.checked | length' 0
run 0 bill key "$asha" "$words"
run 0 bill key "$asha"
is '.checked | length' 1

step "proofs from before and after"
run 0 bill proof "$version" --out "$work/after"
run 0 bill verify "$work/after"
is .result good "the old page"
is '.answers | length' 2 "the answers of both who were asked"
run 0 bill verify "$work/before"
is .result good "the proof that was made before"
meet chu bill
run 0 bill sign "$second" --agree --will all
run 0 bill proof "$second" --out "$work/second"
run 0 bill verify "$work/second"
is .result good "the new page"
for proof in before after second; do
    for answer in "$work/$proof"/answers/*.txt; do
        name=$(basename "$answer" .txt)
        ok "ssh-keygen says Good of $proof/$name" sh -c "ssh-keygen -Y verify -f '$work/$proof/allowed_signers' -I '$name' \
            -n coplan-agreement-v1 -s '$answer.sig' <'$answer'"
    done
done

step "words of hers that the old key wrote can still be taken back, by the new"
run 0 new withdraw-words "$hers"
run 0 new list strength
is '.[0].text // ""' "" "gone"
meet bill new
run 0 bill list strength
is '.[0].text // ""' "" "gone there too"

step "again, on a device that is hers: the tablet stays and gets the new key by being linked again"
run 0 tablet people
tablet=$(get ".[] | select(.person == \"$asha\").devices[] | select(.standing and .device != \"$new_device\").device")
run 0 new recover "$sheet" --keep "$tablet"
is '.plans[0].stay' 2 "both stay"
refused_any 2 "bad_sheet" bill recover "$sheet"
meet tablet new
refused 2 key_changed tablet sign "$second" --no "by the old key"
run 0 tablet digest
entries=$(get .entries)
refused 2 key_changed tablet leave # nobody would take it for hers
run 0 tablet digest
is .entries "$entries" "nothing is written for it"
run 0 new invite --my-device --out "$work/again.in"
run 0 tablet join "$work/again.in"
is .state in "in as before"
run 0 tablet freeze --stage agreement --anyway "a third"
third_page=$(get .version)
run 0 tablet sign "$third_page" --agree --will all
meet tablet bill
meet new bill
meet tablet bill
same new bill tablet
run 0 bill agreement "$third_page"
is ".answers[] | select(.person == \"$asha\").answer" agree "signed on the tablet"

step "two plans, and a line or a device that only one of them knows: nothing is changed before all of it is judged"
with_sheet mia Mia
mias=$(cat "$work/mia.sheet")
home fone Mia
run 0 mia plan new "One"
one=$(get .plan)
add mia need "In the first"
line=$id
run 0 mia invite --my-device --out "$work/fone.in"
run 0 fone join "$work/fone.in"
run 0 fone people
fone=$(get '.[0].devices[] | select(.here).device')
run 0 mia plan new "Two"
two=$(get .plan)
# as_mia : what a refused recovery must leave alone
as_mia() {
    run 0 mia --plan "$one" key me
    as_mia=$(get .words)
    for as_mia_plan in "$one" "$two"; do
        run 0 mia --plan "$as_mia_plan" digest
        as_mia="$as_mia $(get .entries)"
    done
}
as_mia
before=$as_mia
refused 2 not_found mia recover "$mias" --keep nosuch
refused 2 not_found mia recover "$mias" --keep "$fone,nosuch"
refused 2 not_found mia recover "$mias" --after 000000000000
refused 2 not_found mia --plan "$two" recover "$mias" --keep "$fone"
refused 2 not_found mia --plan "$two" recover "$mias" --after "$line"
refused 2 which_plan mia recover "$mias" --after "$line"
refused 2 usage mia recover "$mias" --after "$line" --all
as_mia
equal "$before" "$as_mia" "the key, and both plans"
run 0 mia --plan "$one" freeze --stage agreement --anyway "to try it"
run 0 mia --plan "$one" sign "$(get .version)" --agree # by the key that she has
run 0 mia recover "$mias" --keep "$fone"
is ".plans[] | select(.plan == \"$one\").stay" 2 "it stays where it is in"
is ".plans[] | select(.plan == \"$two\").stay" 1 "and the other plan hears too"
run 0 mia --plan "$one" recover "$mias" --after "$line"
is '[.plans[].plan] | tostring' "[\"$one\"]" "that plan alone"
is '.plans[0].lost' 1 "the phone, from that entry on"
refused 2 key_unheard mia --plan "$two" leave
run 0 mia recover "$mias"
is '[.plans[].plan] | tostring' "[\"$two\"]" "the other one, by the key that is here"
run 0 mia --plan "$two" leave

step "a line is the past of the entry that was named: what a thief signed on another branch of the same chain lies beyond"
with_sheet ann Ann
home fon Ann
home ben Ben
run 0 ann plan new "A path"
bring ann ben
run 0 ann freeze --stage agreement --anyway "to try it"
page=$(get .version)
run 0 ann invite --my-device --out "$work/fon.in"
run 0 fon join "$work/fon.in"
meet ben ann
meet fon ann
run 0 fon daemon stop
cp -a "$work/fon" "$work/taken"
serve fon
for n in 1 2 3; do
    add fon need "Ann's own, $n"
done
hers=$id
meet fon ann
run 0 fon daemon stop # in a thief's hands it goes on from before, with the same chain
cat "$work/taken/plan.db" >"$work/fon/plan.db"
cat "$work/taken/plan.db.marker" >"$work/fon/plan.db.marker"
rm -f "$work/fon/plan.db-wal"
serve fon
run 0 fon sign "$page" --agree --will all
meet fon ben
meet ann ben
run 0 ann status
is '.plans[0].forks' 1 "two branches"
run 0 ann agreement "$page"
is '.answers | map(.answer) | tostring' '["agree"]' "the thief's, so far"
run 0 ann recover "$(cat "$work/ann.sheet")" --after "$hers"
is '.plans[0].statements' 0 "it does not go on counting"
is '.plans[0].signed | length' 0
meet ben ann
for home in ann ben; do
    run 0 "$home" agreement "$page"
    is '.answers | length' 0 "$home: nobody has answered"
    is '.lost_key | length' 1 "$home: shown as made with a lost key"
done
run 0 ann list need
is length 3 "what was hers"

step "whom she let answer for her goes on doing so, and she ends it with her new key"
with_sheet gil Gil
home hal Hal
run 0 gil plan new "A pond"
bring gil hal
add gil need "Water"
water=$id
run 0 gil freeze --stage agreement --anyway "to try it"
pond=$(get .version)
run 0 gil sign "$pond" --worry "It is deep"
run 0 gil agreement "$pond"
own=$(get '.answers[0].id')
run 0 gil set "$water" "text=Clean water"
run 0 gil freeze --stage agreement --anyway "to try it"
clean=$(get .version)
run 0 gil mandate --to Hal --until 2099-12-31 --limits "Never used"
ended=$(get .mandate)
run 0 gil withdraw-mandate "$ended"
run 0 gil mandate --to Hal --until 2099-12-31
mandate=$(get .mandate)
meet hal gil
run 0 hal rate "$water" importance 4 --for Gil
run 0 hal sign "$clean" --for Gil --agree --will all
run 0 hal sign "$clean" --agree
run 0 hal daemon stop # and an answer that bears her name and not her signature
"$COPLAN_BIN/tests/e2e/forge" "$work/hal" "$own" "She never said this" >/dev/null || fatal "no forging"
serve hal
meet gil hal
run 0 gil agreement "$clean"
is .result agreed
run 0 gil recover "$(cat "$work/gil.sheet")"
is '[.plans[0].signed[].kind] | sort | join(" ")' "answer mandate mandate mandate_end" "what she signed herself"
is '.plans[0].statements' 4
meet hal gil
for home in gil hal; do
    run 0 "$home" agreement "$clean"
    is .result agreed "$home: as it was"
    run 0 "$home" mandates
    is ".[] | select(.mandate == \"$mandate\") | .withdrawn" false "$home: still given"
    is ".[] | select(.mandate == \"$ended\") | .withdrawn" true "$home: still ended"
    run 0 "$home" show "$water"
    is ".views[] | select(.person == \"$person_gil\" and .measure == \"importance\") | .value" 4 "$home: said for her"
done
run 0 hal proof "$clean" --out "$work/let"
run 0 hal sign "$clean" --for Gil --worry "The deep end" --will all
refused 2 not_yours hal withdraw-mandate "$mandate"
run 0 gil withdraw-mandate "$mandate"
meet hal gil
# is_ended : nobody answers for her any more
is_ended() {
    for home in gil hal; do
        run 0 "$home" mandates
        is 'length' 2
        is 'all(.[]; .withdrawn)' true "$home: both are ended"
        run 0 "$home" agreement "$clean"
        is ".answers | map(select(.person == \"$person_gil\")) | length" 0 "$home: no answer of hers"
        run 0 "$home" show "$water"
        is ".views | map(select(.person == \"$person_gil\" and .measure == \"importance\")) | length" 0 "$home: nothing said for her"
    done
    refused 2 no_mandate hal sign "$clean" --for Gil --agree --will all
    refused 2 no_mandate hal rate "$water" importance 3 --for Gil
}
is_ended
run 0 hal verify "$work/let"
is .result good "a proof that was made before"
is '.answers | length' 2
run 0 hal proof "$clean" --out "$work/not_let"
run 0 hal verify "$work/not_let"
is '.answers | length' 1 "and one made after"
run 0 gil recover "$(cat "$work/gil.sheet")" # once more: what is ended stays so
meet hal gil
is_ended
run 0 gil mandate --to Hal --until 2099-12-31
meet hal gil
run 0 hal rate "$water" importance 2 --for Gil

step "a thief who makes more branches than can be named stops nobody: it is said, and the line can be drawn before them"
with_sheet ivy Ivy
home pad Ivy
run 0 ivy plan new "A wood"
run 0 ivy invite --my-device --out "$work/pad.in"
run 0 pad join "$work/pad.in"
add pad need "Ivy's own"
hers=$id
meet pad ivy
run 0 pad people
pad=$(get '.[0].devices[] | select(.here).device')
run 0 pad daemon stop
for n in $(seq 257); do
    rm -f "$work/pad/plan.db.marker" # each time another chain
    "$COPLAN_BIN/tests/e2e/forge" "$work/pad" "$person_ivy" name "Thief $n" >/dev/null || fatal "no forging"
done
serve pad
meet pad ivy
run 0 ivy key me
ivys=$(get .words)
refused 2 many_branches ivy revoke-device "$pad"
refused 2 many_branches ivy recover "$(cat "$work/ivy.sheet")"
ok "it says what to do" sh -c "'$coplan' --home '$work/ivy' revoke-device '$pad' 2>&1 </dev/null | grep -q -e '--after ENTRY'"
run 0 ivy key me
is .words "$ivys" "the key is as it was"
run 0 ivy revoke-device "$pad" --after "$hers"
is .void 257 "the thief's"
run 0 ivy recover "$(cat "$work/ivy.sheet")" --after "$hers"
is '.plans[0].lost' 1
run 0 ivy people
is '.[0].name' Ivy "her name"
run 0 ivy list need
is '.[0].id' "$hers" "and what was hers"
finish
