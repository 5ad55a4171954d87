# P10: when someone does not agree or cannot do it: the reason is seen, talked about, and a new page asks again. Each who
# asked is told what came of it, person by person. A no that arrives late moves everybody back.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

all_meet() { for pair in asha-bill bill-chen chen-asha asha-bill; do meet "${pair%-*}" "${pair#*-}"; done; }
# says_of NAME : the reasons of the last check that name somebody
says_of() { jq -r --arg n "$1" '[.[0].reasons[] | select(.args[0] == $n) | .code] | sort | join(" ")' "$work/out"; }

step "no final page yet"
home asha "Asha"
home bill "Bill"
home chen "Chen"
run 0 asha plan new "Walks"
add asha action "Walk on Mondays"
action=$id
bring asha bill
bring asha chen
run 0 asha set "$action" "lead=Bill"
all_meet
early chen
check_is 1 asha P10 no
reason no_final_page

step "all agreed so far, on a device that has not heard Chen"
run 0 asha freeze --stage agreement --anyway "The first round"
old=$(get .version)
all_meet
run 0 asha sign "$old" --worry "It may rain"
run 0 bill sign "$old" --agree --will all
run 0 chen sign "$old" --no "I work then" --would-agree-if "it were not on Mondays"
meet bill asha
run 0 bill agreement "$old"
is .result "not agreed yet"
is '[.waiting_for[].name] | join(",")' Chen "only Chen is missing there"
meet chen bill
run 0 bill agreement "$old"
is .result "not agreed" "and the no moves it back"
all_meet
for who in asha bill chen; do
    check_is 1 "$who" P10 no
    equal no_not_talked "$(says_of Chen)" "Chen, at $who's"
    equal worry_not_talked "$(says_of Asha)" "Asha, at $who's"
done
holds 'any(.[0].why[]; contains("Chen"))' "by name"

step "a talk is noted about the answer; the no stands until the page changes"
run 0 asha agreement "$old"
no=$(jq -r '.answers[] | select(.answer == "no") | .id' "$work/out")
worry=$(jq -r '.answers[] | select(.name == "Asha") | .id' "$work/out")
run 0 asha note negotiation "$no" "We look for another day"
check_is 1 asha P10 no
equal no_stands "$(says_of Chen)" "talked about"

step "who cannot do their part is asked for another way"
run 0 bill sign "$old" --agree --cannot all
meet asha bill
check_is 1 asha P10 no
reason cannot_do
run 0 asha agreement "$old"
cannot=$(jq -r '.answers[] | select(.name == "Bill") | .id' "$work/out")
is '.waiting_for[] | select(.name == "Bill") | .why' cannot_do_it "he has said so: nobody tells him that he has not"

step "a new page: what nobody has said anything about is open, person by person"
run 0 asha set "$action" "text=Walk on Tuesdays" "lead=Asha"
run 0 asha freeze --stage agreement --anyway "The second round"
new=$(get .version)
all_meet
check_is 1 chen P10 no
equal "asked_open waiting_for" "$(says_of Chen)" "Chen asked"
equal "asked_open waiting_for" "$(says_of Bill)" "Bill could not"
equal "asked_open waiting_for" "$(says_of Asha)" "Asha had a worry"
holds 'any(.[0].reasons[]; .code == "asked_open" and .args[0] == "Asha" and .weight == "people")' "a worry is for people to answer"
holds 'any(.[0].reasons[]; .code == "asked_open" and .args[0] == "Chen" and .weight == "no" and .args[1] == "it were not on Mondays")' "in Chen's words"
run 0 asha agreement "$new"
is '.answers | length' 0 "nobody's answer moved over"

step "said of one and not of the others; two say it apart"
run 0 asha note negotiation "$no" "Tuesdays" "changed=yes" "version=$new"
run 0 bill note negotiation "$no" "Tuesdays, at ten" "changed=yes" "version=$new"
run 0 bill note reply "$worry" "We have coats" "changed=no"
all_meet
same asha bill chen
dealt 1 asha bill chen
for who in asha bill chen dealt; do
    check_is 1 "$who" P10 no
    equal waiting_for "$(says_of Chen)" "Chen was answered, at $who's"
    equal waiting_for "$(says_of Asha)" "why it stays was said, at $who's"
    equal "asked_open waiting_for" "$(says_of Bill)" "nobody said anything to Bill, at $who's"
done
"$coplan" --home "$work/chen" agreement "$new" >"$work/human" 2>&1
ok "Chen's page: asked" grep -q "Chen asked: it were not on Mondays" "$work/human"
ok "Chen's page: this version" grep -q "This page: we changed it: Tuesdays" "$work/human"

run 0 asha agreement "$new"
is '.asked[] | select(.name == "Bill") | .asked + ":" + (.cannot | join(","))' ":Walk on Mondays" "what he cannot do, as that page says it"
ok "what Bill cannot do is on the screen" grep -q "Bill cannot do: Walk on Mondays" "$work/human"
not "and not that he asked nothing" grep -q "Bill asked" "$work/human"
run 0 asha export paper-form --version "$new" --for Bill --out "$work/form.html"
ok "and on his form" grep -q "You said that you cannot do: <bdi>Walk on Mondays</bdi>" "$work/form.html"
not "nothing blank" grep -q "You asked: *<" "$work/form.html"

step "a talk that names another page says nothing of this one"
run 0 asha note negotiation "$cannot" "You help on the day" "changed=yes" "version=$old"
check_is 1 asha P10 no
equal "asked_open waiting_for" "$(says_of Bill)" "the page Bill answered is not one that came after"

step "all agree: not met while nobody has said what came of what Bill asked; then it is"
all_meet
for who in asha bill chen; do run 0 "$who" sign "$new" --agree --will all; done
all_meet
check_is 1 asha P10 no
equal asked_open "$(says_of Bill)" "Bill's, only"
run 0 chen note negotiation "$cannot" "Asha makes sure of it now" "changed=yes" "version=$new"
all_meet
same asha bill chen
for seed in 2 3; do
    dealt "$seed" chen asha bill
    for who in asha bill chen dealt; do
        check_is 0 "$who" P10 yes
        check_is 0 "$who" P12 yes
    done
done

step "a third round: what was said in the second is not asked again, and a new no is"
run 0 asha set "$action" "details=With tea"
run 0 asha freeze --stage agreement --anyway "The third round"
third=$(get .version)
all_meet
check_is 1 asha P10 no
equal waiting_for "$(says_of Chen)" "Chen's first no was answered"
run 0 chen sign "$third" --no "not with tea"
all_meet
check_is 1 bill P10 no
equal no_not_talked "$(says_of Chen)"
run 0 asha set "$action" "details=Without tea"
run 0 asha freeze --stage agreement --anyway "The fourth round"
run 0 asha set "$action" "details=Without tea or cake"
run 0 asha freeze --stage agreement --anyway "The fifth round, in a hurry"
is .known false
check_is 1 asha P10 no
holds 'any(.[0].reasons[]; .code == "asked_open" and .args[1] == "not with tea")' "a no is not lost by two quick pages"
run 0 asha agreement
is .round 5
is '[.asked[] | [.name, .state] | join(" ")] | join("; ")' "Chen open" "and it is shown"

step "the old answers stay readable, and verify"
run 0 chen proof "$old" --out "$work/proof"
run 0 chen verify "$work/proof"
is .result good
is '.answers | length' 3
finish
