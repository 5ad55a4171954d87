# C10: learning: what the group learned is noted; nobody is told that they must.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "nothing learned yet is for people to say"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The kitchen"
bring asha bill
check_is 0 asha C10 "needs people"
reason no_learning
run 0 bill note learning plan "Start with soup"
meet bill asha
check_is 0 asha C10 yes
is '.[0].records | length' 1

step "what is private is kept here, sealed, and nowhere else"
secret="I learned that crowds frighten me"
wish="A quiet room, please"
run 0 asha digest
before=$(jq -c . "$work/out")
run 0 asha learn "$secret" --private
mine=$(get .id)
is .text "$secret" "said back to its person"
run 0 asha need "$wish" --private
run 0 asha digest
equal "$before" "$(jq -c . "$work/out")" "nothing was written into the plan"
run 0 asha private list
is 'map(.kind) | join(" ")' "learning need"
is '.[0].text' "$secret"
run 0 asha about-me
is '[.[] | select(.section == "kept for myself") | .kind] | sort | join(",")' "learning,need" "about-me has them, for Asha"
"$coplan" --home "$work/asha" about-me >"$work/human" 2>&1
ok "in words too" grep -q "What you keep for yourself, on this device alone:" "$work/human"
run 0 bill about-me
is '[.[] | select(.section == "kept for myself")] | length' 0 "and for nobody else"
run 0 bill private list
is length 0 "nobody else has any"
meet bill asha
meet asha bill
run 0 asha learn "Soup first, then cake"
run 0 asha need "A kettle"
meet bill asha
same asha bill
for who in asha bill; do
    for what in "export json" "export md" "export csv" "export html" "export easy-read" "export evidence" "export ics" log notes list \
        "show plan" "check" digest; do
        # shellcheck disable=SC2086  # a command and its arguments
        as "$who" $what
        not "private words in $what of $who" grep -q -i -e "crowds frighten" -e "quiet room" "$work/out"
    done
    run 0 "$who" freeze --stage comment
    run 0 "$who" text "$(get .version)"
    not "private words on a page" grep -q -i -e "crowds frighten" -e "quiet room" "$work/out"
    run 0 "$who" daemon stop
    not "private words in the files of $who" grep -r -q -a -e "crowds frighten" -e "quiet room" "$work/$who"
done
run 0 asha private list
is length 2 "still here after a restart"

step "a damaged or newer file is said, and never written over"
run 0 asha daemon stop
kept=$(ls "$work/asha"/private-*)
equal 600 "$(stat -c %a "$kept")" "only its person may read it"
cp "$kept" "$work/kept"
for harm in flip cut empty other; do
    cp "$work/kept" "$kept"
    case $harm in
    flip) printf 'X' | dd of="$kept" bs=1 seek=40 conv=notrunc 2>/dev/null ;;
    cut) head -c 30 "$work/kept" >"$kept" ;;
    empty) : >"$kept" ;;
    other) printf 'something else altogether, and long enough to be read' >"$kept" ;;
    esac
    cp "$kept" "$work/harmed"
    refused 3 damaged_private asha private list
    refused 3 damaged_private asha learn "More" --private
    ok "the $harm file is as it was" cmp "$kept" "$work/harmed"
done
cp "$work/kept" "$kept"
printf '\002' | dd of="$kept" bs=1 seek=14 conv=notrunc 2>/dev/null
refused 3 newer_home asha private list
cp "$work/kept" "$kept"
run 0 bill list
cp "$work/kept" "$work/bill/private-$(printf '%s' "$person_bill" | cut -c1-16)"
refused 3 damaged_private bill private list # sealed for asha alone
rm "$work/bill"/private-*

step "its person may throw it away; bad input is refused"
run 0 asha private remove "$(printf '%s' "$mine" | cut -c1-8)"
run 0 asha private list
is length 1
refused 2 not_found asha private remove "$mine"
refused 2 not_found asha private remove abc
refused_any 2 "bad_text usage" asha learn "" --private
head -c 17000 /dev/zero | tr '\0' x >"$work/long"
refused 2 too_big asha need "$(cat "$work/long")" --private
run 0 asha need "=1+1 $(printf '\342\200\256')../../x" --private
run 0 asha private list
is '.[1].text' "=1+1 $(printf '\342\200\256')../../x" "kept as it was said"
finish
