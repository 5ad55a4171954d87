# K-C: who, how often, who to ask: people who are affected but absent; what each worker does and may not do; people whose agreed
# time between contacts has passed are listed.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "Bill wants to hear from us every month"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The choir"
bring asha bill
early bill
run 0 bill set me "contact_every=P1M"
meet bill asha
run 0 asha who --overdue-contact
is '[.[].name] | join(",")' Bill "never in touch yet"
check_is 1 asha K-C no
reason never_contacted
run 0 asha note contact Bill "A visit" "on=2031-01-31"
run 0 asha who --overdue-contact --on 2031-02-28
is length 0 "a month that is too short ends it"
run 0 asha who --overdue-contact --on 2031-03-01
is '[.[].name] | join(",")' Bill
run 1 asha check K9 --on 2031-03-01
reason contact_overdue

step "somebody who is affected and not here; what people do, and what they cannot decide"
add asha someone "Mrs Lee next door" "contact_every=P2W" "limits=Not after eight"
lee=$id
run 0 asha set me "duties+=facilitator" "duties+=keeps the keys" "limits=I cannot decide about money"
meet bill asha
run 0 asha who
holds 'any(.[]; .name == "Mrs Lee next door" and .someone == true and .limits == "Not after eight")' "she is on the list"
holds 'any(.[]; .name == "Asha" and (.duties | sort) == ["facilitator", "keeps the keys"] and .limits == "I cannot decide about money")' "whom to ask, and their limits"
"$coplan" --home "$work/bill" who >"$work/human" 2>&1
ok "in words" grep -q "cannot do or decide: I cannot decide about money" "$work/human"
run 0 asha set plan "kept_informed+=Mrs Lee next door"
run 0 asha who
holds 'any(.[]; .name == "Mrs Lee next door" and .kept_informed == true)' "who must get the plan"

step "two are in touch with the same person apart: both are kept, the later day counts, in any order"
meet bill asha
run 0 bill note contact "$lee" "Rang her" "on=2031-02-10"
run 0 asha note contact "$lee" "Met her" "on=2031-02-20"
run 0 asha note contact Bill "Rang him" "on=2031-02-25"
meet bill asha
same asha bill
dealt 3 asha bill
for who in asha bill dealt; do
    run 0 "$who" who --overdue-contact --on 2031-03-06
    is length 0 "a fortnight from the later day, at $who's"
    run 0 "$who" who --overdue-contact --on 2031-03-07
    is '[.[].name] | join(",")' "Mrs Lee next door" "at $who's"
    run 1 "$who" check K-C --on 2031-03-07
    holds '.[0].why | any(contains("Mrs Lee"))' "by name, at $who's"
done
finish
