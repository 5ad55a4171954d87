# Agreement: the same words give one version on three machines; all sign; a proof that anyone can check and
# nobody can change by one byte; names that try to be patterns or paths forge nothing.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_proof.sh"

step "a plan that four people share; three have names that try to be something else"
home asha "Asha"
home bill "*"
home chen "Mal,Asha"
home dina "../x"
run 0 asha plan new "A garden for everyone"
add asha action "Open the garden on Sundays" "start=2027-04-04" "plain=We open the garden every Sunday"
action=$id
add asha priority "Someone to talk to"
add asha strength "Chen speaks four languages" "text.cy=Pedair iaith"
bring asha bill
bring asha chen
bring asha dina
run 0 asha set "$action" "lead=$person_asha" "helpers+=$person_chen"
refused 1 not_ready asha freeze --stage agreement
complete asha "$action" "$person_asha" "$person_bill"
for who in bill chen dina; do meet "$who" asha; done
same asha bill chen dina

step "all freeze the same words apart: one version"
for who in asha bill chen; do
    run 0 "$who" freeze --stage agreement
    keys . version check_words
    eval "frozen_$who=\$(get .version)"
    eval "words_$who=\$(get .check_words)"
done
version=$frozen_asha
equal "$version" "$frozen_bill" "version frozen by bill"
equal "$version" "$frozen_chen" "version frozen by chen"
equal "$words_asha" "$words_bill" "check words at bill's"
equal 4 "$(echo "$words_asha" | wc -w | tr -d ' ')" "check words"
for pair in bill-asha chen-bill dina-chen asha-dina bill-chen; do meet "${pair%-*}" "${pair#*-}"; done
for who in asha bill chen dina; do
    "$coplan" --home "$work/$who" text "$version" >"$work/text.$who" 2>"$work/err"
    equal "$version" "$(sha256sum <"$work/text.$who" | cut -d' ' -f1)" "SHA-256 of the text at $who's"
done
equal "coplan version 1, for agreement" "$(head -1 "$work/text.asha")" "first line"
ok "the text is for people: it has the action's words" grep -q "Open the garden on Sundays" "$work/text.asha"
ok "and the Welsh ones" grep -q "Pedair iaith" "$work/text.asha"
run 0 asha agreement
is .version "$version" "agreement without a version is about the newest"
is .stage agreement
is .result "not agreed yet"
is '.waiting_for | length' 4 "waiting for all four"
is '.answers | length' 0
keys . version stage result answers waiting_for not_asked

step "a comment version is another version and not for signing"
run 0 asha freeze --stage comment
comment=$(get .version)
differ "$comment" "$version" "comment and agreement version"
refused 2 not_for_signing asha sign "$comment" --agree

step "nothing is chosen for anybody: sign demands an answer, and reasons where they belong"
refused 2 usage asha sign "$version"
refused 2 usage asha sign "$version" --no ""
refused 2 not_found asha sign "0123456789abcdef0123" --agree

step "side by side: whoever saw a key on its person's own screen can note it, and nobody else's screen will do"
run 0 bill key me
is .me true
hers=$(get .words)
run 0 asha key "$person_bill"
is .me false
is .words "$hers" "the same words on both screens"
is '.checked | length' 0
equal 8 "$(echo "$hers" | wc -w | tr -d ' ')" "words"
refused 2 bad_field asha key "$person_bill" "$(echo "$hers" | cut -d' ' -f1-7)"
holds '.error.message | contains("coplan key me") and contains("tell the others")' "what to do about other words"
refused 2 bad_field asha key "$person_bill" "$hers zebra"
refused 2 bad_field asha key "$person_chen" "$hers"
refused 2 bad_field asha key me "$hers"
holds '.error.message | contains("their own key")' "nobody's own"
refused 2 not_found asha key Nobody
holds '.error.message | contains("coplan people")' "where the names are"
refused 2 bad_field asha note comment "$person_bill" "I know him" "checked_key=$hers"
refused 2 bad_field asha note checked "$action" "" "checked_key=$hers"
run 0 asha key "$person_bill" "$(echo "$hers" | tr 'a-z ' 'A-Z ' | sed 's/ /   /')"
first_note=$(get .id)
# shellcheck disable=SC2086  # words, without quotes
run 0 asha key "$person_bill" $hers
second_note=$(get .id)
run 0 asha key "$person_bill"
is '.checked | map(.person) | join(" ")' "$person_asha"
meet bill asha
run 0 bill key me
is '.checked[0].name' "Asha"
ok "a name that a shell would take apart is no part of a command to type" \
    sh -c "'$coplan' --home '$work/asha' key '$person_chen' | grep -q 'coplan key $(echo "$person_chen" | cut -c1-12) \"WORDS\"'"

step "an edit after freezing changes no version"
run 0 dina set "$action" "start=2027-05-02"
edited=$(get .entry)
differ "" "$edited" "entry of the edit"
add dina need "A tap for water"
new_need=$id
meet dina asha
run 0 asha agreement "$version"
is .version "$version"
"$coplan" --home "$work/asha" text "$version" | cmp -s - "$work/text.asha" || bad "the frozen text changed"
run 0 asha changes "$version"
holds 'length > 0 and all(.[]; (.op == "-" or .op == "+") and (.line | type == "string") and has("id"))' \
    "changes are lines with - or +"
holds "any(.[]; .op == \"-\" and (.line | contains(\"2027-04-04\")) and .id == \"$action\")" "the old date is listed"
holds "any(.[]; .op == \"+\" and (.line | contains(\"2027-05-02\")) and .id == \"$action\")" "the new date is listed"
holds "any(.[]; .op == \"+\" and (.line | contains(\"A tap for water\")) and .id == \"$new_need\")" "the new need is listed"
last="coplan changes"
"$coplan" --home "$work/asha" changes "$version" >"$work/said" 2>"$work/err"
ok "each line stands under the words of what it is about" sh -c \
    "grep -A3 '^of $(printf %.12s "$action"), \"' '$work/said' | grep -q '^+.*2027-05-02'"
run 0 chen changes "$version"
is length 0 "chen, who has not met dina since, has no change"

step "all sign; agreed on all after they meet"
run 0 asha sign "$version" --agree --will all
keys . answer
run 0 bill sign "$version" --agree
run 0 chen sign "$version" --worry "It may rain" --will "$(printf "%.8s" "$action" | tr a-f A-F)"
run 0 asha agreement "$version"
is .result "not agreed yet" "one answer is not an agreement"
is '.answers | length' 1
run 0 dina sign "$version" --agree
for pair in bill-chen chen-asha asha-dina dina-bill bill-chen; do meet "${pair%-*}" "${pair#*-}"; done
meet asha chen
same asha bill chen dina
for who in asha bill chen dina; do
    run 0 "$who" agreement "$version"
    is .result "agreed, with worries" "result at $who's"
    is '.waiting_for | length' 0
    is '.answers | length' 4
    keys '.answers[0]' person answer actions method
done
run 0 chen sign "$version" --agree
run 0 chen agreement "$version"
is .result "not agreed yet" "Chen helps and has not said whether she will"
run 0 chen sign "$version" --agree --will all
for pair in chen-asha asha-bill asha-dina chen-bill; do meet "${pair%-*}" "${pair#*-}"; done
for who in asha bill chen dina; do
    run 0 "$who" agreement "$version"
    is .result "agreed" "result at $who's after the worry was taken back"
    is ".answers[] | select(.person == \"$person_bill\").key_checked | map(.name) | join(\" \")" "Asha" "who saw Bill's key"
    is ".answers[] | select(.person == \"$person_asha\").key_checked | length" 0
done

step "the proof: whoever makes it, anyone can check it"
for who in asha dina; do
    run 0 "$who" proof "$version" --out "$work/proof-$who"
    keys . files
    good_proof "$work/proof-$who" "$version" 4
done
ok "both proofs are the same bytes" diff -r "$work/proof-asha" "$work/proof-dina"
proof="$work/proof-asha"
ok "nothing was written beside it" test ! -e "$work/x" -a ! -e "$work/x.txt"
ok "only the files of a proof" sh -c "cd '$proof' && find . -type f | sort | \
    grep -v -x -e './README.txt' -e './allowed_signers' -e './version.txt' -e './answers/p-[a-z2-7]*\.txt\(\.sig\)\{0,1\}' | \
    grep . && exit 1 || exit 0"
ok "a list of files without a path that leaves the folder" sh -c "find '$proof' -type l | grep . && exit 1 || exit 0"

step "whoever calls herself *, Mal,Asha or ../x speaks for nobody else"
# The first field of each line is a pattern list to ssh-keygen.
ok "signers are plain names" sh -c "cut -d' ' -f1 '$proof/allowed_signers' | grep -v -x 'p-[a-z2-7]*' && exit 1 || exit 0"
equal 4 "$(cut -d' ' -f1 "$proof/allowed_signers" | sort -u | wc -l | tr -d ' ')" "different signers"
for name in $(names "$proof"); do
    for other in $(names "$proof"); do
        [ "$name" != "$other" ] || continue
        not "the signature of $other is not one of $name" by_ssh "$proof" "$name" "$other"
    done
    found=$(alone ssh-keygen -Y find-principals -f "$proof/allowed_signers" -s "$proof/answers/$name.txt.sig" 2>/dev/null)
    equal "$name" "$found" "who signed, says ssh-keygen"
done
for forged in Asha '*' 'Mal,Asha' '../x' x; do
    for name in $(names "$proof"); do
        not "nobody signs as '$forged'" by_ssh "$proof" "$forged" "$name"
    done
done

step "one changed byte"
# Every place when there is time; otherwise places spread over the file, first and last among them.
most=${COPLAN_DEEP:+1000000}
most=${most:-24}
# changed FILE : coplan verify says no for a change at each place looked at
changed() {
    bytes=$(size "$proof/$1")
    each=$(((bytes + most - 1) / most))
    at=0
    while [ "$at" -lt "$bytes" ]; do
        checks=$((checks + 1))
        cp "$proof/$1" "$work/kept"
        flip "$proof/$1" "$at" "$((1 << (at % 7)))"
        last="coplan --json verify, byte $at of $1 changed"
        alone "$coplan" --json verify "$proof" >"$work/out" 2>"$work/err" </dev/null
        status=$?
        [ "$status" -eq 1 ] || bad "expected exit 1, got $status"
        [ "$(get .result)" = "not good" ] || bad "expected not good, got $(get .result)"
        cp "$work/kept" "$proof/$1"
        at=$((at + each))
        [ "$at" -lt "$bytes" ] || [ "$at" -eq "$((bytes - 1 + each))" ] || at=$((bytes - 1))
    done
}
changed version.txt
changed allowed_signers
for name in $(names "$proof"); do
    changed "answers/$name.txt"
    changed "answers/$name.txt.sig"
    cp "$proof/answers/$name.txt" "$work/kept"
    for at in 0 40 200; do
        flip "$proof/answers/$name.txt" "$at"
        not "ssh-keygen sees byte $at of the answer of $name" by_ssh "$proof" "$name"
        cp "$work/kept" "$proof/answers/$name.txt"
    done
    # A byte of the key that stands for this person.
    cp "$proof/allowed_signers" "$work/kept"
    start=$(grep -b "^$name " "$proof/allowed_signers" | head -1 | cut -d: -f1)
    inside=$(grep "^$name " "$proof/allowed_signers" | head -1 | grep -b -o 'AAAAC3' | head -1 | cut -d: -f1)
    flip "$proof/allowed_signers" $((start + inside + 40))
    not "ssh-keygen sees a byte of the key of $name" by_ssh "$proof" "$name"
    cp "$work/kept" "$proof/allowed_signers"
done
verdict 0 good "$proof"

step "a file too many, a file too few, an answer beside the wrong name"
echo "me too" >"$proof/answers/p-aaaaaaaaaaaa.txt"
verdict 1 "not good" "$proof"
rm "$proof/answers/p-aaaaaaaaaaaa.txt"
echo "hello" >"$proof/extra.txt"
verdict 1 "not good" "$proof"
rm "$proof/extra.txt"
for file in version.txt allowed_signers README.txt "answers/$name.txt" "answers/$name.txt.sig"; do
    mv "$proof/$file" "$work/kept"
    verdict 1 "not good" "$proof"
    : >"$proof/$file"
    verdict 1 "not good" "$proof"
    mv "$work/kept" "$proof/$file"
done
first=$(names "$proof" | sed -n 1p)
second=$(names "$proof" | sed -n 2p)
for suffix in .txt .txt.sig; do
    mv "$proof/answers/$first$suffix" "$work/kept"
    cp "$proof/answers/$second$suffix" "$proof/answers/$first$suffix"
    verdict 1 "not good" "$proof"
    mv "$work/kept" "$proof/answers/$first$suffix"
done
good_proof "$proof" "$version" 4
last="coplan verify of a folder that is not there"
alone "$coplan" --json verify "$work/nowhere" >"$work/out" 2>"$work/err" </dev/null
status=$?
differ 0 "$status" "exit status for a folder that is not there"
ok "verify made no home" test ! -e /nonexistent

step "a proof is not written over a folder that holds something else"
mkdir "$work/full"
echo "mine" >"$work/full/diary.txt"
as asha proof "$version" --out "$work/full"
ok "what was there is still there" grep -q mine "$work/full/diary.txt"
equal 2 "$status" "exit status"

step "what somebody says of who saw their key is told as their word, and in the plan only beside the note"
ok "as their word" grep -q -F "* says that their key was seen on their own screen by Asha" "$proof/README.txt"
run 0 asha withdraw-words "$first_note"
run 0 asha agreement "$version"
is ".answers[] | select(.person == \"$person_bill\").key_checked | map(.name) | join(\" \")" "Asha" "one of two notes is enough"
run 0 asha withdraw-words "$second_note"
run 0 asha agreement "$version"
is '.result' agreed
is '[.answers[].key_checked | length] | add' 0 "nobody's note stands"
run 0 asha key "$person_bill"
is '.checked | length' 0
run 0 asha verify "$proof"
is ".answers[] | select(.person == \"$person_bill\").key_checked | map(.name) | join(\" \")" "Asha" "the word of whoever signed"
step "whoever changes their name answers a page under the name that it prints, and under nobody else's"
run 0 dina set me "name=Asha"
run 0 dina sign "$version" --no "I have thought again"
meet dina asha
for who in dina asha; do
    run 0 "$who" agreement "$version"
    is ".answers[] | select(.person == \"$person_dina\") | .name + \":\" + .answer + \":\" + .signed_as" "../x:no:"
    is '[.answers[] | select(.name == "Asha") | .answer] | join(",")' agree "what stands beside the name Asha"
done
run 0 asha proof "$version" --out "$work/renamed"
verdict 0 good "$work/renamed"
ok "signed as the page has it" grep -q -x "name ../x" "$work/renamed/answers/$(grep -l "I have thought again" "$work"/renamed/answers/*.txt | sed 's/.*\///')"
not "and not as somebody else" sh -c "grep -l 'I have thought again' '$work'/renamed/answers/*.txt | xargs grep -q -x 'name Asha'"
run 0 asha export html --version "$version" --out "$work/renamed.html"
equal 1 "$(tr -d '\n' <"$work/renamed.html" | sed 's/<h2>/\n/g' | grep 'Who agreed' | sed 's/<tr>/\n/g' | grep -c '<th[^>]*row[^>]*>[^/]*>Asha<')" \
    "rows of the table of answers beside the name Asha"

step "two people of one name are told apart by their ids"
run 0 asha freeze --stage agreement --anyway "to see two of one name"
namesakes=$(get .version)
run 0 asha sign "$namesakes" --agree --will all
"$coplan" --home "$work/asha" agreement "$namesakes" >"$work/shown" 2>&1
ok "the one who answered" grep -q "Asha ($(echo "$person_asha" | cut -c1-12)): I agree" "$work/shown"
ok "the one who did not" grep -q "Asha ($(echo "$person_dina" | cut -c1-12)) (has not answered" "$work/shown"

step "an earlier page is found again"
run 0 asha agreement --all
is "[.[] | select(.version == \"$version\") | .stage, .newest, (.check_words | length > 0)] | @csv" '"agreement",false,true'
is ".[-1].version" "$namesakes" "the newest is last"
is '[.[] | select(.stage == "comment") | .result] | unique | @csv' "" "a page for comment comes to nothing"
earlier=$(get ".[] | select(.version == \"$version\") | .result")
run 0 asha agreement "$version"
is .result "$earlier"
"$coplan" --home "$work/asha" agreement >"$work/shown"
ok "the way there is said" grep -q -F "coplan agreement --all" "$work/shown"
"$coplan" --home "$work/asha" agreement --all >"$work/shown"
ok "by its id" grep -q "$(echo "$version" | cut -c1-12).*$earlier" "$work/shown"
refused 2 usage asha agreement --all "$version"

step "nobody is without a name"
for blank in "  " " $(printf '\342\200\213\302\240') "; do
    refused 2 bad_value blank init --name "$blank" --no-passphrase
    refused 2 bad_field dina set me "name=$blank"
    run 0 dina daemon stop
    ok "another program may write it" "$COPLAN_BIN/tests/e2e/forge" "$work/dina" "$person_dina" name "$blank"
    serve dina
    run 0 dina people
    is ".[] | select(.person == \"$person_dina\") | .name" "../x" "a name that shows nothing is none"
done
for who in asha bill chen dina; do alive "$who"; done
finish
