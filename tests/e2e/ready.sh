# What keeps a page for agreement from being made: every hard check, said in words; --anyway writes the reasons into the
# page, the same on every device; two wordings and a person's own no to a risk are never passed.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# reasons_say TEXT : the refusal says so in words
reasons_say() { holds "any(.error.reasons[]; contains(\"$1\"))" "$1"; }

step "an empty plan is not ready, and says in words what is missing"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The garden"
add asha action "Open the garden"
action=$id
bring asha bill
refused 1 not_ready asha freeze --stage agreement
reasons_say "\\\"Open the garden\\\": no lead: who makes sure it happens?"
reasons_say "no day: by when"
reasons_say "how will we know?"
reasons_say "no day when we look again"
"$coplan" --home "$work/asha" freeze --stage agreement >"$work/human" 2>&1
ok "the same for people" grep -q "Not ready because:" "$work/human"
ok "a line each" grep -q -- '- "Open the garden": nobody checks' "$work/human"
not "no code is left" grep -q "nobody_checks\|no_lead" "$work/human"

step "an empty WHY is no why; a page for comment needs none of it"
refused 1 not_ready asha freeze --stage agreement --anyway ""
run 0 asha freeze --stage comment

step "--anyway: the reasons and WHY stand in the page, and the page is the same on both devices"
meet bill asha
for who in asha bill; do
    run 0 "$who" freeze --stage agreement --anyway "Summer term is all we know"
    eval "frozen_$who=\$(get .version)"
done
equal "$frozen_asha" "$frozen_bill" "version"
"$coplan" --home "$work/asha" text "$frozen_asha" >"$work/text" 2>"$work/err"
ok "the block" grep -q -x "left open" "$work/text"
ok "a reason" grep -q -x '  reason: "Open the garden": nobody makes sure it happens' "$work/text"
ok "why" grep -q -x "  why: Summer term is all we know" "$work/text"
run 0 asha changes "$frozen_asha"
is length 0 "what is still open is no change"
complete asha "$action" Asha Bill
run 0 asha changes "$frozen_asha"
holds 'any(.[]; .op == "-" and (.line | contains("nobody makes sure it happens")))' "what was settled is one"

step "ready: nothing is left open, and WHY is not written"
run 0 asha freeze --stage agreement --anyway "there is nothing to excuse"
"$coplan" --home "$work/asha" text "$(get .version)" >"$work/text" 2>"$work/err"
not "no such block" grep -q "left open\|excuse" "$work/text"

step "money that is not there, a language, a perspective without anyone"
add asha resource "Grant" "amount=1000" "unit=pence"
grant=$id
run 0 asha set "$action" "costs+=$grant:2500"
run 0 asha set plan "perspectives_needed+=carer"
refused 1 not_ready asha freeze --stage agreement
reasons_say "25.00 needed, 10.00 offered (15.00 short)"
reasons_say "carer: no one yet"
run 0 asha freeze --stage agreement --anyway "The council decides in May"
"$coplan" --home "$work/asha" text "$(get .version)" >"$work/text" 2>"$work/err"
ok "money" grep -q -x "  reason: money: 25.00 pounds needed, 10.00 pounds offered, 15.00 pounds short" "$work/text"
ok "nobody yet" grep -q -x "  reason: nobody is in yet who speaks for: carer" "$work/text"

step "a plan in two languages: every field of words that a page shows is there in both, for comment as well"
run 0 asha set plan "languages+=en" "languages+=fr"
refused 1 not_ready asha freeze --stage comment
reasons_say "\\\"The garden\\\" has no words in: fr"
reasons_say "\\\"Open the garden\\\" has no words in: fr"
reasons_say "no words in fr for: what exactly"
reasons_say "no words in fr for: if we fall behind"
holds 'all(.error.reasons[]; contains("no words in"))' "a page for comment is asked nothing else"
refused 1 not_ready asha freeze --stage agreement
reasons_say "no words in fr for: what exactly"
run 1 asha check C2
holds 'any(.[0].reasons[]; .code == "no_field_language" and .weight == "hard")' "and check says so before"
run 0 asha freeze --stage comment --anyway "Marie translates it this week"
"$coplan" --home "$work/asha" text "$(get .version)" >"$work/text" 2>"$work/err"
ok "what was missing stands in the page" grep -q -x '  reason: "Open the garden": details has no words in: fr' "$work/text"
run 0 asha set plan "title.fr=Le jardin" "if_behind.fr=Nous nous voyons dans la semaine"
run 0 asha set "$action" "text.fr=Ouvrir le jardin" "details.fr=Comme convenu"
refused 1 not_ready asha freeze --stage comment
reasons_say "no words in fr for: how we will know"
is '.error.reasons | length' 2 "the measure, and the grant"
run 0 asha set "$action" "measure.fr=Nous le verrons"
run 0 asha set "$grant" "text.fr=Subvention"
run 0 asha freeze --stage comment
"$coplan" --home "$work/asha" text "$(get .version)" >"$work/text" 2>"$work/err"
ok "both languages in one page" grep -q -x '  details in fr: Comme convenu' "$work/text"
not "nothing is left open" grep -q "left open" "$work/text"
run 0 asha set plan "languages-=fr"

step "a risk that the person it is about said no to is passed by nobody's why"
add asha risk "Bill works on the ladder" "about_person=Bill"
risk=$id
meet bill asha
run 0 bill rate "$risk" accepted_level not_ok
meet bill asha
for who in asha bill; do
    refused 1 not_ready "$who" freeze --stage agreement --anyway "he will get used to it"
    reasons_say "stopped by the person it is about"
done
run 0 bill rate "$risk" accepted_level ok
meet bill asha
run 0 asha freeze --stage agreement --anyway "The council decides in May"

step "two wordings are never passed, and are said once"
meet bill asha
run 0 asha set "$action" "lead=Bill"
run 0 bill set "$action" "lead="
run 0 bill set "$action" "lead=Asha" "details=Otherwise"
meet bill asha
refused 1 not_ready asha freeze --stage agreement --anyway "we are in a hurry"
is '[.error.reasons[] | select(contains("two"))] | length' 1 "one line for the two leads"

step "hostile words in a reason break no line"
printf 'x\n  why: forged\nmust answer' >"$work/words"
add asha action "$(cat "$work/words")"
run 0 asha choose "$action" lead --write Asha
run 0 asha freeze --stage agreement --anyway "We know"
"$coplan" --home "$work/asha" text "$(get .version)" >"$work/text" 2>"$work/err"
equal 1 "$(grep -c '^  why: ' "$work/text")" "lines that say why"
not "nobody is made to answer" grep -q '^must answer"' "$work/text"

step "many reasons: the answer shows the first, and says how many more; the page has all"
i=0
while [ "$i" -lt 40 ]; do
    i=$((i + 1))
    echo "Many $i"
done >"$work/rows"
{ echo "text"; cat "$work/rows"; } >"$work/many.csv"
run 0 asha import "$work/many.csv"
refused 1 not_ready asha freeze --stage agreement
is '.error.reasons | length' 201
holds '.error.reasons[-1] | test("^and [0-9]+ more")' "the last says how many more"
run 0 asha freeze --stage agreement --anyway "So many"
"$coplan" --home "$work/asha" text "$(get .version)" >"$work/text" 2>"$work/err"
equal 40 "$(grep -c '^  reason: "Many .*: nobody makes sure' "$work/text")" "reasons in the page"
for who in asha bill; do alive "$who"; done
finish
