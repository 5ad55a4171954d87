# After the recovery sheet: pages that print the key from before, the sheet used once more, twice and apart, and in a
# plan that was carried on. What a thief does with everything is recover.sh's.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# link HOME NEW NAME : NEW becomes a further device of HOME's person
link() {
    home "$2" "$3"
    run 0 "$1" invite --my-device --out "$work/$2.in"
    run 0 "$2" join "$work/$2.in"
    is .state in "$2 is linked"
}
# page HOME TITLE : a page for agreement; sets $version
page() {
    run 0 "$1" set plan "title=$2"
    run 0 "$1" freeze --stage agreement --anyway "to try it"
    version=$(get .version)
}

step "a page prints the key that cara had: after the sheet it says so, and what helps"
with_sheet cara Cara
home bill Bill
home dee Dee
run 0 cara plan new "A garden for the street"
bring cara bill
bring cara dee
page cara "The first page"
first=$version
run 0 cara sign "$first" --agree
page cara "The second page"
second=$version
meet cara bill
run 0 cara status
is '[.plans[0].waiting[].what] | join(" ")' answer "she is asked"
run 0 cara recover "$(cat "$work/cara.sheet")"
run 0 cara status
is '[.plans[0].waiting[] | .what + " " + .id] | join(" ")' "new_page $second" "it cannot be answered any more"
refused 2 page_old_key cara sign "$second" --agree
refused 2 page_old_key cara withdraw "$first"
ok "what to do instead" sh -c "'$coplan' --home '$work/cara' status | grep -q 'Make a new page: coplan freeze'"
ok "of what was answered too" sh -c "'$coplan' --home '$work/cara' withdraw '$first' 2>&1 | grep -q 'your new key cannot take it back'"
meet cara bill
run 0 bill status
is '[.plans[0].waiting[] | .what + " " + .name] | sort | join(",")' "answer Bill,new_page_for Cara" "others see what it waits for"
run 0 bill agreement "$second"
is '[.waiting_for[] | .name + " " + .why] | sort | join(",")' "Bill no_answer,Cara old_key,Dee no_answer" "nobody is blamed for it"
ok "in words" sh -c "'$coplan' --home '$work/bill' agreement '$second' | grep -q 'Cara.*make a new page'"
run 0 bill paper "$second" --for Cara --agree
run 0 bill agreement "$second"
paper=$(get '.pending[0].id')
meet cara bill
refused 2 not_witness cara witness "$paper" # her own answer: the key is not the reason
run 0 bill paper "$second" --for Dee --agree
meet cara bill
run 0 cara agreement "$second"
refused 2 page_old_key cara witness "$(get '.pending[] | select(.name == "Dee").id')"
page cara "The third page"
run 0 cara status
is '[.plans[0].waiting[].what] | join(" ")' answer "the new page asks her"
run 0 cara sign "$version" --agree
run 0 cara agreement "$version"
is '[.answers[] | .name + " " + .answer] | join(",")' "Cara agree" "and she answers it"

step "the sheet used on two devices apart: no key of hers is shown, printed or noted, and the way out is said"
home cara2 Cara
run 0 bill invite --for Cara --out "$work/back.in"
run 0 cara2 recover "$(cat "$work/cara.sheet")" "$work/back.in"
run 0 cara recover "$(cat "$work/cara.sheet")"
run 0 cara bundle write "$work/cara.bundle" --for Bill
run 0 bill bundle read "$work/cara.bundle"
run 0 cara2 bundle write "$work/cara2.bundle" --for Bill
run 0 bill bundle read "$work/cara2.bundle"
run 0 bill key Cara
is '.words + "," + .not_now' ",key_apart" "not the first key, which was lost"
refused 2 key_apart bill key Cara "kangaroo november denim evening meadow arrow journal kitchen"
refused 1 not_ready bill freeze --stage agreement --anyway "to try it"
holds '.error.reasons | any(contains("two devices apart"))' "and why"
ok "in words" sh -c "'$coplan' --home '$work/bill' key Cara | grep -q 'nothing to compare'"
run 0 bill bundle write "$work/bill.bundle" --for Cara
run 0 cara2 bundle read "$work/bill.bundle"
run 0 cara2 status
is '.plans[0].key' key_apart
is '.plans[0].waiting | length' 0 "a new page would not help"
refused 2 key_apart cara2 sign "$version" --agree
refused 2 key_apart cara2 invite --my-device
run 0 cara2 key me
is .not_now key_apart
run 0 cara2 recover "$(cat "$work/cara.sheet")"
run 0 cara2 status
is '.plans[0].key' null "the sheet once more"
run 0 cara2 key me
is .not_now null
words=$(get .words)
meet cara2 bill
run 0 bill key Cara
is .words "$words"
run 0 bill freeze --stage agreement --anyway "to try it"

step "a home put back from before the sheet: it says what helps where the other device is gone, and shows no words to compare"
with_sheet kim Kim
run 0 kim plan new "A bench"
bring kim bill
run 0 kim backup "$work/kim.backup"
run 0 kim recover "$(cat "$work/kim.sheet")"
meet kim bill
run 0 kim daemon stop
run 0 kim3 restore "$work/kim.backup"
serve kim3
meet kim3 bill
run 0 kim3 status
is '.plans[0].key' key_changed
ok "in words" sh -c "'$coplan' --home '$work/kim3' status | grep -q 'use the sheet on this one: coplan recover SHEET'"
run 0 kim3 key me
is .not_now key_changed
ok "and no words" sh -c "'$coplan' --home '$work/kim3' key me | grep -q 'nothing to compare'"
run 0 kim3 recover "$(cat "$work/kim.sheet")"
run 0 kim3 key me
is .not_now null

step "what the old key signed and goes on counting is listed, and asked about; a second use of the sheet says what it cannot change"
# typed HOME SHEET ANSWER [INVITATION] : recovers without a line, at a terminal, and types that
typed() {
    printf '%s\n' "$3" | script -q -e -c "'$coplan' --home '$work/$1' recover '$(cat "$work/$2.sheet")' ${4:-}" /dev/null >"$work/human" 2>&1
}
with_sheet asha Asha
run 0 asha plan new "A path"
bring asha bill
link asha phone Asha
run 0 asha people
run 0 phone people
phone=$(get '.[].devices[] | select(.here).device')
page asha "A path to the pond"
path=$version
meet phone asha
run 0 phone sign "$path" --agree
run 0 phone log
hers=$(get '[.[] | select(.what.kind == "answer")][-1].entry')
run 0 phone sign "$path" --no "thief says no"
meet phone bill
meet asha bill
run 0 asha digest
entries=$(get .entries)
not "whoever says no has said nothing" typed asha asha n
ok "the thief's answer is shown" grep -q 'I do not agree (by device' "$work/human"
ok "and where it came from" grep -q 'came by a device that is reported lost now' "$work/human"
run 0 asha digest
is .entries "$entries" "nothing is written"
ok "whoever says yes has" typed asha asha y
run 0 asha recover "$(cat "$work/asha.sheet")" --after "$hers"
is '.plans[0].statements' 0 "nothing new is kept"
is "[.plans[0].signed[] | select(.before and .version == \"$path\") | .answer] | sort | join(\",\")" "agree,no" "but both answers were kept before"
is ".plans[0].signed[] | select(.answer == \"no\") | .device" "$phone" "by that phone"
run 0 asha agreement "$path"
is '[.answers[] | select(.name == "Asha").answer] | join(",")' no "as it is"
"$coplan" --home "$work/asha" recover "$(cat "$work/asha.sheet")" >"$work/human" 2>&1 </dev/null
ok "the number is that of what counts" grep -q 'you signed before that still count: 2' "$work/human"
ok "and it is said" grep -q '2 of them stayed when you used the sheet before' "$work/human"

step "on a new device too: it is in, and the key is not made known before they have answered"
with_sheet eve Eve
run 0 asha invite
run 0 eve join "$(get .invite)"
garden=$(get .plan)
page asha "A path to the bench"
meet eve asha
run 0 eve sign "$version" --agree
meet eve asha
run 0 eve daemon stop
home eve2 Eve
run 0 asha invite --for Eve --out "$work/eve.in"
not "she says no" typed eve2 eve n "'$work/eve.in'"
ok "her answer is shown" grep -q 'I agree (by device' "$work/human"
run 0 eve2 status
is '.plans[0] | [.plan, .state, .key] | join(" ")' "$garden in key_unheard" "in, and by no key yet"
ok "she says yes" typed eve2 eve y
run 0 eve2 status
is '.plans[0].key' null
meet eve2 asha
run 0 asha agreement "$version"
is '[.answers[] | select(.name == "Eve").answer] | join(",")' agree "it counts"

step "with a line at once nobody is asked, and a plan that carries this one on does not bring back what it ended"
with_sheet hal Hal
home gwen Gwen
run 0 gwen plan new "A shed"
old=$(get .plan)
bring gwen hal
link hal tab Hal
page gwen "A shed for tools"
shed=$version
meet hal gwen
run 0 hal sign "$shed" --agree
run 0 hal log
line=$(get '[.[] | select(.what.kind == "answer")][-1].entry')
meet hal gwen
meet tab gwen
run 0 tab people
tab=$(get '.[].devices[] | select(.here).device')
run 0 tab sign "$shed" --no "thief says no"
run 0 tab add need "All for me"
meet tab gwen
run 0 gwen continue
new=$(get .plan)
meet hal gwen
ok "a line is drawn" sh -c "printf 'n\n' | script -q -e -c \"'$coplan' --home '$work/hal' --plan $old recover '$(cat "$work/hal.sheet")' --after $line\" /dev/null"
run 0 hal --plan "$old" agreement "$shed"
is '[.answers[] | select(.name == "Hal").answer] | join(",")' agree "the old plan"
run 0 hal --plan "$old" revoke-device "$tab" # without a line: what the sheet said of it stays
is '[.by_sheet, .void] | tostring' "[true,1]" "what counts no more is counted with it"
refused 2 key_unheard hal follow "$new"
run 0 hal recover "$(cat "$work/hal.sheet")"
is '[.plans[].plan] | join(",")' "$new" "the new one hears"
is "[.plans[0].signed[] | select(.version == \"$shed\") | .answer] | join(\",\")" agree
run 0 hal --plan "$new" agreement "$shed"
is '[.answers[] | select(.name == "Hal").answer] | join(",")' agree "the new plan as the old"

finish
