# The rules: everyone; so many may stand aside; enough of each perspective. "I will if" counts once its person notes it as
# met. A no is a no in each of them, on every device.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

all_meet() { for pair in asha-bill bill-chen chen-asha asha-bill; do meet "${pair%-*}" "${pair#*-}"; done; }
# everywhere RESULT : of $version
everywhere() {
    for who in asha bill chen; do
        run 0 "$who" agreement "$version"
        is .result "$1" "result at $who's"
    done
}

step "a rule is one of three, spelled as it is"
home asha "Asha"
home bill "Bill"
home chen "Chen"
run 0 asha plan new "Walks"
add asha action "Walk to the river"
action=$id
bring asha bill
bring asha chen
complete asha "$action" Asha Bill
run 0 asha set "$action" "helpers+=Bill"
for rule in majority no-objection "everyone-but-aside" "everyone-but-aside(0)" "everyone-but-aside(1000)" "each-perspective(x)"; do
    refused 2 bad_field asha set plan "rule=$rule"
done
run 0 asha set plan "rule=everyone-but-aside(1)"
run 0 asha freeze --stage agreement
version=$(get .version)
"$coplan" --home "$work/asha" text "$version" >"$work/text" 2>"$work/err"
ok "the rule is signed with the page" grep -q -x "rule everyone-but-aside(1)" "$work/text"
all_meet

step "will if counts once the person says that it is met; nobody else can say it for them"
run 0 asha sign "$version" --agree --will all
run 0 bill sign "$version" --agree --will-if "$action=Chen brings the map"
run 0 chen sign "$version" --aside "I am away"
all_meet
everywhere "not agreed yet"
is .rule "everyone-but-aside(1)"
is '[.waiting_for[] | .name + " " + .why] | join(",")' "Bill will_if" "Chen may stand aside"
entry=$(jq -r '.answers[] | select(.name == "Bill") | .id' "$work/out")
words=$(jq -r '.answers[] | select(.name == "Bill") | .actions[0].text' "$work/out")
run 0 bill status
is '.plans[0].waiting | map(.what + ":" + .text + ":" + .id) | join(",")' "will_if:Chen brings the map:$entry"
"$coplan" --home "$work/bill" status >"$work/shown" 2>&1
ok "what to do when it has come" grep -q "if: Chen brings the map.*coplan note met $(echo "$entry" | cut -c1-12)" "$work/shown"
not "and nothing by which he would drop it" grep -q -e "--will all" "$work/shown"
run 0 bill proof "$version" --out "$work/waits"
"$coplan" verify "$work/waits" >"$work/shown" 2>&1
ok "verify says what it depends on, with the action's words" grep -q "      $words: I will if: Chen brings the map" "$work/shown"
ok "and why somebody stands aside" grep -q "Chen: .*, I am away" "$work/shown"
run 0 chen note met "$entry" "Here is the map"
meet chen bill
run 0 bill agreement "$version"
is .result "not agreed yet" "Chen cannot say it for Bill"
refused_any 2 "bad_field not_found" bill note met "$entry" "I have it" "about_item=$version"
run 0 bill note met "$entry" "I have it" "about_item=$action"
cp "$work/out" "$work/met"
all_meet
everywhere "agreed"
holds 'any(.answers[]; .name == "Bill" and any(.actions[]; .will == "will if" and .met))' "it is shown as met"
"$coplan" --home "$work/asha" agreement "$version" >"$work/human" 2>&1
ok "and for people" grep -q "I will if: Chen brings the map (it is met)" "$work/human"
same asha bill chen

step "the words of that note can be taken back, and what it said of the condition stays"
met=$(jq -r '.id' "$work/met")
run 0 bill withdraw-words "$met"
run 0 bill agreement "$version"
is .result "agreed" "the note is there, without its words"
all_meet
everywhere "agreed"

step "two cannot stand aside where one may, nor somebody who does something"
run 0 bill sign "$version" --aside "Too far"
all_meet
everywhere "not agreed yet"
run 0 bill sign "$version" --agree --will all
run 0 chen sign "$version" --no "Not by the river"
run 0 bill agreement "$version"
is .result "agreed" "Bill has not heard of the no: it is a changed mind"
all_meet
everywhere "not agreed"

step "by perspective: what people let be shown is in the page; too few, and there is no page"
run 0 asha set plan "rule=each-perspective(1)"
refused 1 not_ready asha freeze --stage agreement --anyway "we hope for the best"
holds 'any(.error.reasons[]; contains("nobody has said which are needed"))' "none is needed yet"
run 0 asha set plan "perspectives_needed+=carer" "perspectives_needed+=uses services"
run 0 bill set me "perspectives+=carer"
run 0 chen set me "perspectives+=uses services"
run 0 asha set me "perspectives+=uses services"
run 0 bill note consent plan "You may" "scope=perspective" "given=yes"
all_meet
refused 1 not_ready asha freeze --stage agreement --anyway "we hope for the best"
holds 'any(.error.reasons[]; contains("agree of: uses services. 0 of the people asked"))' "nobody lets it be shown"
run 0 chen note consent plan "You may" "scope=perspective" "given=yes"
all_meet
for who in asha bill chen; do
    run 0 "$who" freeze --stage agreement
    eval "frozen_$who=\$(get .version)"
done
version=$frozen_asha
equal "$version" "$frozen_bill" "version at bill's"
equal "$version" "$frozen_chen" "version at chen's"
"$coplan" --home "$work/asha" text "$version" >"$work/text" 2>"$work/err"
equal 2 "$(grep -c '^  perspective: ' "$work/text")" "who said yes, and not Asha, who did not"
run 0 asha changes "$version"
is length 0
all_meet
run 0 asha sign "$version" --agree --will all
run 0 bill sign "$version" --agree --will all
all_meet
everywhere "not agreed yet"
is '.perspectives | map(.perspective + " " + (.agree | tostring)) | sort | join(",")' "carer 1,uses services 0"
run 0 chen sign "$version" --aside "I am away"
all_meet
everywhere "not agreed yet"
"$coplan" --home "$work/asha" agreement "$version" >"$work/human" 2>&1
ok "in words" grep -q "uses services: 0 agree, at least 1 must" "$work/human"
run 0 chen sign "$version" --worry "It is wet"
all_meet
everywhere "agreed, with worries"
run 0 bill proof "$version" --out "$work/proof"
run 0 bill verify "$work/proof"
is .result good
for who in asha bill chen; do alive "$who"; done
finish
