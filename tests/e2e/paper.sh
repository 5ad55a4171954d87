# Answers on paper: written down by a member, pending until two witnesses who may be witnesses have signed, labelled
# everywhere; who has a key keeps the last word; a proof that ssh-keygen checks whole.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_proof.sh"

step "four with devices, and Bill without"
home asha "Asha"
home chen "Chen"
home dina "Dina"
home eve "Eve"
run 0 asha plan new "A garden"
bring asha chen
bring asha dina
bring asha eve
add asha someone "Bill, the caretaker"
bill=$id
add asha action "Open the gate" "lead=$person_chen" "helpers+=Bill, the caretaker" "start=2027-04-04" \
    "due=2027-05-01" "measure=It is open" "checked_by=Asha"
action=$id
run 0 asha freeze --stage agreement --anyway "to sign it"
version=$(get .version)
for who in chen dina eve; do meet "$who" asha; done

step "what is refused"
refused 2 usage asha paper "$version" --agree
refused 2 not_found asha paper "$version" --for Nobody --agree
refused 2 usage asha paper "$version" --for Asha --agree
refused 2 usage asha paper "$version" --for "$bill"
refused 2 usage asha paper "$version" --for "$bill" --no ""
refused 2 not_found asha paper 0123456789abcdef --for "$bill" --agree
refused 2 no_mandate asha sign "$version" --for "$bill" --agree

step "the form: what is printed is all that whoever writes it down needs"
refused 2 not_found asha export paper-form --for "Nobody of that name"
refused 2 usage asha export paper-form --mine
run 0 asha export paper-form --for "Bill, the caretaker" --out "$work/form.html"
form="$work/form.html"
# seen TEXT : the words of the form in reading order say this
sed -e 's/<style>.*//' -e 's/<[^>]*>/ /g' "$form" | tr -s '[:space:]' ' ' >"$work/form.txt"
seen() { ok "the form says: $1" grep -q -F -e "$1" "$work/form.txt"; }
for text in "I agree" "I agree, but I have a worry" "I will not stop it, but I will not be part of it" "I do not agree" \
    "I need more time or help (this is not an answer)" "I will do this" "I will, if:" "I cannot do this" \
    "Your name and answer stay on this page. People who have a copy will still have it. Help you get does not depend on signing." \
    "Witness 1:" "Witness 2:" "Who writes it down:" "Keep this slip" "Open the gate" "Bill, the caretaker"; do
    seen "$text"
done
not "nothing is marked" grep -q -i -E 'checked|value=' "$form"
not "nobody's answer sways" grep -q -F "Who agreed" "$form"
# From here on only what is on the sheet: the line that the recorder types, and the words on the slip.
words=$(sed -n 's/.*--check-words &quot;\([a-z ]*\)&quot;.*/\1/p' "$form")
page=$(sed -n 's/.*<code[^>]*>coplan paper \([0-9a-f]*\) .*/\1/p' "$form")
marked=$(sed -n 's/.*--for \([0-9a-f]*\) .*/\1/p' "$form")
part=$(sed -n 's/.*(number \([0-9a-f]*\)).*/\1/p' "$form")
equal 4 "$(echo "$words" | wc -w | tr -d ' ')" "check words on the sheet"
equal 6 "$(grep -c -F "$words" "$form")" "check words: foot of each printed sheet, top and foot of the page, form, command and slip"
run 0 asha agreement
is .check_words "$words" "what the page is called"
run 0 asha freeze --stage comment
refused 2 not_for_signing asha export paper-form --version "$(get .version)"

step "written down: pending, and nothing is counted"
refused 2 other_page asha paper "$page" --for "$marked" --check-words "${words% *} zebra" --agree
refused 2 bad_value asha paper "$page" --for "$marked" --check-words "$words" --agree --read-as "upside down"
refused 2 other_page asha paper "$page" --for "$marked" --check-words "${words% *}" --agree
refused 2 other_page asha paper "$page" --for "$marked" --check-words "$words $words" --agree
refused 2 other_page asha paper "$page" --for "$marked" --check-words "$(echo "$words" | tr -d ' ')" --agree
run 0 asha paper "$page" --for "$marked" --check-words "  $(echo "$words" | tr '[:lower:]' '[:upper:]' | sed 's/ /  /g') " --agree \
    --will "$part" --helped-by "his sister" --read-as aloud:cy
run 0 asha agreement "$version"
is '.answers | length' 0
is '.pending | length' 1
is '.pending[0].name' "Bill, the caretaker"
is '.pending[0].by.name' Asha
is '.pending[0].helped_by' "his sister"
is '.pending[0].read_as' aloud
is '.pending[0].read_language' cy
is '.pending[0].witnesses | length' 0
is ".waiting_for[] | select(.person == \"$bill\") | .why" paper_pending
paper=$(get '.pending[0].id')
for who in chen dina eve; do meet "$who" asha; done

step "who may not be a witness; status asks those who may"
for who in chen dina; do
    run 0 "$who" status
    is ".plans[0].waiting | map(select(.what == \"witness\") | .name + .text + .id) | join(\",\")" \
        "$([ "$who" = dina ] && echo "DinaBill, the caretaker$paper")"
done
refused 2 not_witness asha witness "$paper" # wrote it down
refused 2 not_witness chen witness "$paper" # leads what Bill is asked to do
refused 2 not_found dina witness "$version"
refused 2 not_found dina witness 0123456789abcdef
refused_any 2 "usage not_found" dina witness "x"
"$coplan" --home "$work/dina" status >"$work/shown" 2>&1
ok "status says what was marked" grep -q "Bill, the caretaker marked the paper (I agree)" "$work/shown"
"$coplan" --home "$work/dina" witness "$paper" >"$work/shown" 2>"$work/before"
ok "said before it is signed" grep -q "saw Bill, the caretaker mark \"I agree\" on the page with the check words: $words" "$work/before"
ok "and after" grep -q "Bill, the caretaker marked \"I agree\" on the page with the check words $words" "$work/shown"
run 0 dina witness "$paper" # twice: still one witness
run 0 dina status
is '.plans[0].waiting | map(select(.what == "witness")) | length' 0 "she has signed"
run 0 dina agreement "$version"
is '.pending[0].witnesses | map(.name) | join(",")' Dina
is '.answers | length' 0

step "the second witness makes it count, on every machine, in any order of meeting"
run 0 eve witness "$paper"
run 0 eve agreement "$version"
is '.pending | length' 1 "Eve has not met Dina"
meet eve asha
meet dina asha
meet chen asha
meet eve asha
same asha chen dina eve
for who in asha chen dina eve; do
    run 0 "$who" agreement "$version"
    is '.pending | length' 0
    is '.answers[0].how' paper
    is '.answers[0].method' paper
    is '.answers[0].answer' agree
    is '.answers[0].by.name' Asha
    is '.answers[0].witnesses | map(.name) | sort | join(",")' "Dina,Eve"
done
"$coplan" --home "$work/chen" agreement "$version" >"$work/shown" 2>&1
ok "said on the screen" grep -q "signed on paper, seen by .*; written down by Asha" "$work/shown"
ok "with whose help" grep -q "with help from his sister" "$work/shown"

step "everybody else signs: agreed"
for who in asha chen dina eve; do
    run 0 "$who" sign "$version" --agree --will all
    [ "$who" = asha ] || meet "$who" asha
done
for who in chen dina eve; do meet "$who" asha; done
run 0 asha agreement "$version"
is .result agreed

step "ink is nobody's electronic signature on any page"
run 0 asha export html --version "$version" --out "$work/page.html"
ok "signed on paper" grep -q "signed on paper, seen by .*Dina.*; written down by .*Asha.*, with help from .*his sister" "$work/page.html"
not "as an electronic signature" grep -q "electronic signature, .*paper" "$work/page.html"
run 0 asha export easy-read --version "$version" --out "$work/easy.html"
ok "in Easy Read" grep -q "answered on paper" "$work/easy.html"

step "a proof with the witnesses in it"
run 0 asha proof "$version" --out "$work/proof"
verdict 0 good "$work/proof"
is '.answers | length' 5
ok "the recorded answer holds the words of the slip" grep -r -q -x "check words $words" "$work/proof/answers"
for text in "$work"/proof/answers/*.txt; do
    checks=$((checks + 1))
    meaning=$(sed -n 's/^meaning 1 en //p' "$text")
    grep -q -F "$meaning" "$work/form.txt" || bad "the form told another meaning than $(basename "$text") holds"
done
equal 5 "$(names "$work/proof" | wc -l | tr -d ' ')" "answer files"
ok "labelled in the page of steps" grep -q "signed on paper" "$work/proof/README.txt"
# The page of steps names, for every file, whose key signed it.
sed -n 's/^  \([a-z]*\/[^ ]*\.txt\)  signed by \(p-[a-z2-7]*\)$/\1 \2/p' "$work/proof/README.txt" >"$work/signed"
equal 3 "$(wc -l <"$work/signed" | tr -d ' ')" "files signed for somebody else"
while read -r file signer; do
    ok "$file by $signer" sh -c "ssh-keygen -Y verify -f '$work/proof/allowed_signers' -I $signer \
        -n coplan-agreement-v1 -s '$work/proof/$file.sig' <'$work/proof/$file'"
done <"$work/signed"
witness=$(sed -n 's/^\(witnesses[^ ]*\) .*/\1/p' "$work/signed" | head -1)
cp -r "$work/proof" "$work/less"
rm "$work/less/$witness" "$work/less/$witness.sig"
verdict 1 "not good" "$work/less"
cp -r "$work/proof" "$work/flipped"
flip "$work/flipped/$witness" 60
verdict 1 "not good" "$work/flipped"
cp -r "$work/proof" "$work/more"
cp "$work/more/$witness" "$work/more/witnesses/p-other.txt"
verdict 1 "not good" "$work/more"
other=$(sed -n 's/^\(witnesses[^ ]*\) .*/\1/p' "$work/signed" | tail -1)
cp -r "$work/proof" "$work/swapped"
for end in "" .sig; do
    cp "$work/proof/$witness$end" "$work/swapped/$other$end"
    cp "$work/proof/$other$end" "$work/swapped/$witness$end"
done
verdict 1 "not good" "$work/swapped"


step "Bill's ink takes the place of Bill's ink; two apart are asked"
run 0 dina paper "$version" --for "$bill" --no "I have changed my mind"
run 0 dina agreement "$version"
is '.pending | length' 1
second=$(get '.pending[0].id')
is '.result' agreed "one that is pending changes nothing"
meet dina asha
meet eve asha
run 0 asha witness "$second"
run 0 eve witness "$second"
meet eve asha
run 0 asha agreement "$version"
is .result "not agreed"
is '[.answers[] | select(.how == "paper") | .answer] | join(",")' no

step "the next form says what changed, to those who answered"
run 0 asha set "$action" "details=With the small key"
run 0 asha freeze --stage agreement --anyway "to sign it"
later=$(get .version)
run 0 asha export paper-form --for "$bill" --out "$form"
ok "the words of the page before" grep -q "That page had the check words: $words" "$form"
ok "what is new" grep -q -F "details: With the small key" "$form"
ok "what was asked" grep -q -F "You asked: <bdi>I have changed my mind" "$form"
meet eve asha
run 0 eve export paper-form --version "$later" --for Eve --out "$work/eve.html"
not_found_words=$(sed -n 's/.*--check-words &quot;\([a-z ]*\)&quot;.*/\1/p' "$work/eve.html")
differ "$words" "$not_found_words" "check words of two pages"
run 0 asha export paper-form --out "$work/blank.html"
ok "one for many has a line for the name" grep -q -F "Your name:" "$work/blank.html"
not "and nothing of somebody's earlier page" grep -q -F "answered before" "$work/blank.html"
run 0 asha set "$bill" wants_format=easy_read
run 0 asha export paper-form --for "$bill" --out "$form"
ok "in the form that they asked for" grep -q '<body class="easy">' "$form"

step "who marks the Easy Read form has all that the page says: none of it is on another page alone"
add asha risk "Back strain" "affects+=$bill" "if_it_happens=We lift with two"
add asha concern "It may cost too much"
add asha obstacle "The hall is locked"
add asha need "A quiet hour"
add asha priority "Food" "state=chosen" "hope=We eat together"
run 0 asha set plan "kept_informed+=Dina"
run 0 asha freeze --stage agreement --anyway "the gate cannot wait"
whole=$(get .version)
run 0 asha sign "$whole" --agree
run 0 asha export paper-form --version "$whole" --for "$bill" --out "$form"
run 0 asha hand-out "$whole" --who "$bill" --out "$work/copy.html"
run 0 asha export easy-read --version "$whole" --out "$work/easy.html"
for file in "$form" "$work/copy.html" "$work/easy.html"; do
    for text in "Back strain" "We lift with two" "It may cost too much" "The hall is locked" "A quiet hour" "We eat together" \
        "the gate cannot wait" "With the small key" "<bdi>Dina</bdi> is told what we do, and need not answer." \
        "everyone has said yes"; do
        ok "$(basename "$file") has: $text" grep -q -F -e "$text" "$file"
    done
done
meet chen asha
run 0 chen sign "$whole" --agree --cannot "$action"
run 0 chen export easy-read --version "$whole" --out "$work/easy.html"
ok "a part that somebody cannot do stands with their yes" grep -q -F "<bdi>Chen</bdi> cannot do: <bdi>Open the gate</bdi>" "$work/easy.html"
for text in "Back strain" "It may cost too much" "The hall is locked" "A quiet hour"; do
    run 0 asha list
    run 0 asha set "$(get ".[] | select(.text == \"$text\") | .id")" "state=set aside"
done
run 0 asha set plan "kept_informed-=Dina"

step "somebody with a key who answers on paper and by key: asked, then the one they confirm with their key"
run 0 asha freeze --stage comment
run 0 asha set "$action" "details=With the big key"
run 0 asha freeze --stage agreement --anyway "to sign it"
next=$(get .version)
meet dina asha
meet eve asha
meet chen asha
run 0 chen sign "$next" --agree --will all
meet chen asha
run 0 asha paper "$next" --for Chen --no "Too early in the day"
paper=$(get .answer)
meet dina asha
meet eve asha
run 0 dina witness "$paper"
run 0 eve witness "$paper"
meet dina asha
meet eve asha
run 0 asha agreement "$next"
is ".waiting_for[] | select(.person == \"$person_chen\") | .why" two_answers
is '[.apart[] | .name + ":" + .answer + ":" + .how + ":" + .why] | sort | join(",")' \
    "Chen:agree:own:,Chen:no:paper:Too early in the day" "both are told"
is '[.apart[].apart] | unique | tostring' "[true]"
is "[.answers[] | select(.person == \"$person_chen\")] | length" 0 "and neither counts"
"$coplan" --home "$work/asha" agreement "$next" >"$work/shown" 2>&1
ok "the no and its reason are on the screen" grep -q "Chen: I do not agree, Too early in the day, does not count" "$work/shown"
ok "the agreement too" grep -q "Chen: I agree, does not count" "$work/shown"
for form in html easy-read; do
    run 0 asha export "$form" --version "$next" --out "$work/apart.html"
    ok "the reason is in $form" grep -q "Too early in the day" "$work/apart.html"
    ok "and that it does not count, in $form" grep -q "does not count" "$work/apart.html"
done
run 0 asha proof "$next" --out "$work/apart"
is '.left_out | length' 0
verdict 0 good "$work/apart"
is "[.answers[] | select(.name == \"Chen\") | .answer + \":\" + (.apart | tostring)] | sort | join(\",\")" "agree:true,no:true"
ok "in the page of steps" grep -q "Chen: I do not agree, does not count" "$work/apart/README.txt"
ok "and what it comes to" grep -q "it comes to: not agreed yet" "$work/apart/README.txt"
for text in "$work"/apart/answers/*-2.txt; do
    name=$(basename "$text" .txt)
    signer=$(sed -n "s|^  answers/$name.txt  signed by \(p-[a-z2-7]*\)$|\1|p" "$work/apart/README.txt")
    ok "the second one, as its steps say" by_ssh "$work/apart" "${signer:-${name%-2}}" "$name"
done
meet chen asha
run 0 chen sign "$next" --agree --will all
run 0 chen agreement "$next"
is "[.answers[] | select(.person == \"$person_chen\") | .how] | join(\",\")" own
meet chen asha
for who in dina eve chen; do meet "$who" asha; done
same asha chen dina eve
finish
