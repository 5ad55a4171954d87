# What is held about one person, for that person alone; and the portfolio of evidence, without what is nobody's business.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_files.sh"
needs cmark

step "everything about me: what I say, think, answered, got, wrote, and where I am named"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The bench"
bring asha bill
add asha action "Mend the bench" "lead=Bill" "details=Ask Bill, or billing"
bench=$id
add asha benefit "A place to sit"
benefit=$id
meet bill asha
run 0 bill set me "perspectives+=carer" "wants_format=easy_read" "limits=no ladders"
run 0 bill rate "$benefit" importance 4 --why "my back"
meet bill asha
run 0 asha note contact "$person_bill" "Rang him"
run 0 asha freeze --stage agreement --anyway "a bench"
version=$(get .version)
meet bill asha
run 0 bill sign "$version" --worry "It may rain" --will all
run 0 asha sign "$version" --agree
run 0 asha receipt "$version" --to Bill --state given --format easy-read
meet bill asha
run 0 bill about-me
holds '.[0].section == "me" and .[0].name == "Bill" and .[0].fields.limits == "no ladders" and .[0].fields.perspectives == ["carer"]'
is '[.[] | select(.section == "device")] | length' 1
holds "any(.[]; .section == \"view\" and .about == \"$benefit\" and .measure == \"importance\" and .value == \"4\" and .why == \"my back\")"
holds "any(.[]; .section == \"answer\" and .version == \"$version\" and .why == \"It may rain\")"
holds 'any(.[]; .section == "receipt" and .receipt.state == "given" and .receipt.name == "Asha")'
holds "any(.[]; .section == \"page\" and .version == \"$version\")"
holds "any(.[]; .section == \"mention\" and .id == \"$bench\" and .field == \"lead\")"
holds "any(.[]; .section == \"named in words\" and .id == \"$bench\" and .field == \"details\")"
holds 'any(.[]; .section == "note about me" and .text == "Rang him")'
is '[.[] | select(.section == "wrote")] | length' 3 "fields, view, answer" # what Bill's device wrote
holds 'all(.[] | select(.section == "wrote"); .entry.name == "Bill")'
"$coplan" --home "$work/bill" about-me >"$work/human" 2>&1
ok "in words" grep -q "A place to sit: importance 4, my back" "$work/human"
ok "with the place" grep -q 'what we will do: "Mend the bench" (who makes sure it happens)' "$work/human"

step "nobody else's"
GLOBAL="--as Bill"
refused_any 2 "not_found which_person" asha about-me
GLOBAL=""
run 0 asha about-me
is '.[0].name' Asha
holds 'all(.[]; .section != "view" and .why != "It may rain")' "Bill's answers are not Asha's"
refused 2 usage asha about-me Bill

step "the portfolio: every point, why not, what shows it"
run 0 asha export evidence
holds 'type == "string"'
"$coplan" --home "$work/asha" export evidence --on 2031-01-01 >"$work/evidence.md" 2>"$work/err" || bad "no evidence"
run 1 asha check
get '[.[].criterion] | .[]' | while read -r point; do
    grep -q "^### $point\(:\|\$\)" "$work/evidence.md" || echo "$point"
done >"$work/missing"
equal "" "$(tr '\n' ' ' <"$work/missing")" "points that the portfolio lacks"
ok "met or not" grep -q -x 'Not yet\.' "$work/evidence.md"
ok "with who and when" grep -q '^- what we gain: "A place to sit", Asha, 20[0-9][0-9]-[01][0-9]-[0-3][0-9]$' "$work/evidence.md"
ok "a copy given out" grep -q '^- a copy given out, Asha, ' "$work/evidence.md"
ok "cmark reads it" sh -c "cmark --to html '$work/evidence.md' >'$work/md.html'"
equal "$(grep -c '^#' "$work/evidence.md")" "$(grep -c '<h[1-6]' "$work/md.html")" "headings"
"$coplan" --home "$work/bill" export evidence --on 2031-01-01 >"$work/evidence-bill.md" 2>"$work/err"
ok "the same on every device" cmp "$work/evidence.md" "$work/evidence-bill.md"

step "nobody's side without their yes, nobody's score, no words of a consent"
run 0 bill note consent plan "secretly said" "scope=perspective" "given=no"
meet bill asha
"$coplan" --home "$work/asha" export evidence >"$work/evidence.md"
not "no side of few people" grep -q -i -e carer "$work/evidence.md"
not "no score, no reason of one" grep -q -e 'my back' -e 'importance 4' "$work/evidence.md"
not "no words of a consent" grep -q 'secretly said' "$work/evidence.md"
run 0 bill note consent plan "yes" "scope=perspective" "given=yes"
meet bill asha
"$coplan" --home "$work/asha" export evidence >"$work/evidence.md"
ok "with their yes" grep -q '^- Bill: carer$' "$work/evidence.md"
run 0 asha note achievement "$bench" "Bill slept well" "for_person=Bill"
"$coplan" --home "$work/asha" export evidence >"$work/evidence.md"
not "an achievement of somebody who has not said yes" grep -q 'slept well' "$work/evidence.md"

step "hostile words stay words, in both forms"
run 0 asha plan new "<script>alert(1)</script> # no heading"
GLOBAL="--plan $(get .plan)"
hostile asha
run 0 asha export evidence --out "$work/evidence.md"
run 0 asha export evidence --html --out "$work/evidence.html"
is .file "$work/evidence.html"
refused_any 2 bad_value asha export evidence --on 2031-02-30
GLOBAL=""
not "no tag of theirs" grep -q -i '<script\|<b ' "$work/evidence.html"
ok "cmark reads it" sh -c "cmark --to html --unsafe '$work/evidence.md' >'$work/md.html'"
not "no tag of theirs in Markdown" grep -q -i '<script\|<b \|<a \|<img' "$work/md.html"
not "nothing turns the text" grep -q "$(printf '\342\200\256')" "$work/evidence.html" "$work/evidence.md"
ok "what is not described is counted" grep -q ' more: coplan check ' "$work/evidence.md"
for who in asha bill; do alive "$who"; done
finish
