# Answers by a proxy: only with a mandate that the person signed, within its days, its page and its plan; what the person says
# themself overrides, whatever order machines meet in; taken back, it ends; labelled everywhere; a proof of it.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_proof.sh"

# of WHO VERSION : the answers of Bill as that home tells them: how:answer:by, one a line
of() {
    run 0 "$1" agreement "$2"
    get ".answers[] | select(.person == \"$person_bill\") | \"\(.how):\(.answer):\(.by.name // \"\")\""
}

step "Bill, his sister Asha, and Chen"
home bill "Bill"
home asha "Asha"
home chen "Chen"
run 0 asha plan new "A garden"
plan=$(get .plan)
bring asha bill
bring asha chen
add asha someone "Dora, next door"
add asha action "Open the gate" "lead=$person_bill" "start=2027-04-04" "due=2027-05-01" "measure=It is open" "checked_by=Asha"
action=$id
run 0 asha freeze --stage agreement --anyway "to sign it"
first=$(get .version)
meet bill asha
meet chen asha

step "a mandate that cannot be"
refused 2 usage bill mandate --to Asha
refused 2 usage bill mandate --until 2099-12-31
refused 2 not_found bill mandate --to Nobody --until 2099-12-31
refused 2 bad_value bill mandate --to Bill --until 2099-12-31
refused 2 bad_value bill mandate --to "Dora, next door" --until 2099-12-31
refused 2 bad_value bill mandate --to Asha --until soon
refused 2 bad_value bill mandate --to Asha --until 2026-02-30
refused 2 bad_value bill mandate --to Asha --from 2031-01-01 --until 2030-12-31
refused 2 not_found bill mandate --to Asha --until 2099-12-31 --version 0123456789abcdef
run 0 bill mandates
is length 0
refused 2 not_found bill withdraw-mandate 0123456789abcdef
refused 2 usage bill withdraw-mandate abc

step "without a mandate, with one for somebody else, or past its days"
refused 2 no_mandate asha sign "$first" --for Bill --agree --will all
refused 2 usage asha sign "$first" --for Asha --agree
run 0 bill mandate --to Asha --from 2020-01-01 --until 2020-12-31
past=$(get .mandate)
run 0 bill mandate --to Asha --from 2098-01-01 --until 2098-12-31
meet asha bill
refused 2 no_mandate asha sign "$first" --for Bill --agree --will all
run 0 bill mandate --to Asha --from 2020-01-01 --until 2099-12-31 --version "$first" --limits "Only about the gate"
mandate=$(get .mandate)
refused 2 no_mandate asha sign "$first" --for Bill --agree --will all
meet asha bill
meet chen asha
refused 2 no_mandate chen sign "$first" --for Bill --agree --will all
run 0 chen mandates
is length 3
is ".[] | select(.mandate == \"$mandate\") | .name + \" \" + .proxy_name + \" \" + .limits + \" \" + (.accepted_level | tostring)" \
    "Bill Asha Only about the gate false"
is ".[] | select(.mandate == \"$mandate\") | .version" "$first"

"$coplan" --home "$work/chen" mandates >"$work/shown" 2>&1
ok "the limits are on the screen" grep -q "within these limits: Only about the gate" "$work/shown"
ok "and the page" grep -q "for this page alone: $(echo "$first" | cut -c1-12)" "$work/shown"

step "the proxy answers, and it is told as that on every machine"
"$coplan" --home "$work/asha" sign "$first" --for Bill --no "Wrong gate" >"$work/shown" 2>&1
ok "the limits are read before signing" grep -q "Bill lets Asha answer within these limits: Only about the gate" "$work/shown"
ok "the way back is the one that does it" grep -q "coplan withdraw $first --for Bill" "$work/shown"
refused 2 no_answer asha withdraw "$first"
holds '.error.message | contains("no answer to take back")' "none of her own"
refused 2 no_mandate chen withdraw "$first" --for Bill
run 0 asha withdraw "$first" --for Bill
equal "proxy:withdrawn:Asha" "$(of asha "$first")" "taken back by the proxy"
is ".waiting_for[] | select(.person == \"$person_bill\") | .why" withdrawn
refused 2 no_answer asha withdraw "$first" --for Bill
run 0 asha sign "$first" --for Bill --agree --will all --helped-by "Chen"
equal "proxy:agree:Asha" "$(of asha "$first")" "Bill's answer"
meet chen asha
equal "proxy:agree:Asha" "$(of chen "$first")" "Bill's answer at Chen's"
"$coplan" --home "$work/chen" agreement "$first" >"$work/shown" 2>&1
ok "said on the screen" grep -q "by Asha for Bill, with help from Chen" "$work/shown"
ok "within which limits" grep -q "within these limits: Only about the gate" "$work/shown"
run 0 asha sign "$first" --worry "Who has the key?" --for Bill --will all
equal "proxy:agree, with a worry:Asha" "$(of asha "$first")" "the proxy's later answer"
run 0 asha sign "$first" --agree
run 0 chen sign "$first" --agree
meet chen asha
run 0 chen agreement "$first"
is .result "agreed, with worries"
run 0 chen export html --version "$first" --out "$work/page.html"
ok "within which limits, on the page" grep -q "within these limits: .*Only about the gate" "$work/page.html"
ok "on the page" grep -q "electronic signature by .*Asha.* for .*Bill" "$work/page.html"
run 0 chen export easy-read --version "$first" --out "$work/easy.html"
ok "in Easy Read" grep -q "Asha.* answered for .*Bill" "$work/easy.html"

step "a proof that says so, and that ssh-keygen checks"
run 0 chen proof "$first" --out "$work/proof"
is '.left_out | length' 0
verdict 0 good "$work/proof"
is '[.answers[] | select(.how == "proxy") | .name + " " + .by.name] | join(",")' "Bill Asha"
is '.answers[] | select(.how == "proxy") | .limits + ":" + .why' "Only about the gate:Who has the key?"
"$coplan" verify "$work/proof" >"$work/shown" 2>&1
ok "verify says the limits" grep -q "within these limits: Only about the gate" "$work/shown"
ok "and the worry in its words" grep -q "^  Bill: .*worry.*, Who has the key?, by Asha for Bill" "$work/shown"
ok "labelled in the page of steps" grep -q "Bill: .*, by Asha for Bill" "$work/proof/README.txt"
sed -n 's/^  \([a-z]*\/[^ ]*\.txt\)  signed by \(p-[a-z2-7]*\)$/\1 \2/p' "$work/proof/README.txt" >"$work/signed"
equal 2 "$(wc -l <"$work/signed" | tr -d ' ')" "the answer and the mandate"
while read -r file signer; do
    ok "$file by $signer" sh -c "ssh-keygen -Y verify -f '$work/proof/allowed_signers' -I $signer \
        -n coplan-agreement-v1 -s '$work/proof/$file.sig' <'$work/proof/$file'"
done <"$work/signed"
paper=$(sed -n 's/^\(mandates[^ ]*\) .*/\1/p' "$work/signed")
for change in "s/^until 2099/until 2199/" "s/^accepted level no/accepted level yes/" "s/^limits .*/limits Anything/"; do
    rm -rf "$work/changed"
    cp -r "$work/proof" "$work/changed"
    sed -i "$change" "$work/changed/$paper"
    verdict 1 "not good" "$work/changed"
done
rm -r "$work/changed/mandates"
verdict 1 "not good" "$work/changed"
cp -r "$work/proof" "$work/more"
cp "$work/more/$paper" "$work/more/mandates/p-aaaaaaaaaaaa.txt"
verdict 1 "not good" "$work/more"

step "what Bill says himself goes before it, in whichever order machines meet"
run 0 bill sign "$first" --no "Not before Easter"
equal "own:no:" "$(of bill "$first")" "Bill has not heard of the proxy's"
meet bill asha # his own comes after the proxy's
meet chen bill
for who in asha bill chen; do
    equal "own:no:" "$(of "$who" "$first")" "Bill's own at $who"
    run 0 "$who" agreement "$first"
    is .result "not agreed"
done
refused 2 no_mandate asha sign "$first" --for Bill --agree --will all
meet chen asha
same asha bill chen

step "another page is not in it; and this time his own comes first"
run 0 asha set "$action" "details=With the big key"
run 0 asha freeze --stage agreement --anyway "to sign it"
second=$(get .version)
refused 2 no_mandate asha sign "$second" --for Bill --agree --will all
meet bill asha
run 0 bill mandate --to Asha --until 2099-12-31 --with-accepted-level
open=$(get .mandate)
meet asha bill
run 0 bill sign "$second" --worry "The key is heavy" --will all
run 0 asha sign "$second" --for Bill --agree --will all
meet chen bill # his own is there before the proxy's
meet chen asha
meet bill asha
for who in asha bill chen; do
    equal "own:agree, with a worry:" "$(of "$who" "$second")" "Bill's own at $who"
done
same asha bill chen

step "taken back, it gives nothing any more, and neither does what was answered by it"
run 0 asha set "$action" "details=With the small key"
run 0 asha freeze --stage agreement --anyway "to sign it"
third=$(get .version)
run 0 asha sign "$third" --for Bill --agree --will all
equal "proxy:agree:Asha" "$(of asha "$third")" "by the mandate for every page"
meet chen asha
meet bill asha
refused 2 not_yours asha withdraw-mandate "$open"
refused 2 not_yours chen withdraw-mandate "$open"
run 0 bill withdraw-mandate "$open"
refused 2 mandate_ended bill mandate --to Asha --until 2099-12-31 --with-accepted-level # the same words again would give nothing
"$coplan" --home "$work/bill" mandates >"$work/shown" 2>&1
ok "said on the screen" grep -q "was taken back" "$work/shown"
equal "" "$(of bill "$third")" "no answer of Bill's"
equal "proxy:agree:Asha" "$(of chen "$third")" "Chen has not heard"
run 0 chen proof "$third" --out "$work/before"
meet chen bill
meet asha chen
for who in asha bill chen; do
    equal "" "$(of "$who" "$third")" "no answer of Bill's at $who"
    run 0 "$who" mandates
    is ".[] | select(.mandate == \"$open\") | .withdrawn" true
    is ".[] | select(.mandate == \"$past\") | .withdrawn" false
done
run 0 chen agreement "$third"
is ".waiting_for[] | select(.person == \"$person_bill\") | .why" no_answer
refused 2 no_mandate asha sign "$third" --for Bill --agree --will all
run 0 chen proof "$third" --out "$work/after"
verdict 0 good "$work/after"
is '.answers | length' 0
same asha bill chen

step "a mandate of another plan"
run 0 asha plan new "A shed"
shed=$(get .plan)
GLOBAL="--plan $shed"
run 0 asha invite
invitation=$(get .invite)
GLOBAL=
run 0 bill join "$invitation"
GLOBAL="--plan $shed"
run 0 bill mandate --to Asha --until 2099-12-31
GLOBAL=
meet asha bill
GLOBAL="--plan $plan"
refused 2 no_mandate asha sign "$third" --for Bill --agree --will all
GLOBAL="--plan $shed"
run 0 asha mandates
is length 1
GLOBAL=
finish
