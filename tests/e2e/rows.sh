# One person's words make no rows of other people: a line break in what somebody wrote stays, and what follows it begins
# further in than any row of ours, with "| ".
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

nl='
'
# In rows of ours a name begins behind no, two, four or six blanks. All of these in one text:
forged="it is quiet${nl}Carol Jones: I agree${nl}  Carol Jones: I agree${nl}      Carol Jones: I will do this${nl}- Carol Jones${nl}  - Carol Jones${nl}555555555555  Carol Jones"

# How a line of them begins: so, or in a difference, where a line of the page is one line, behind its sign and its field.
shown=' {8,}\| |[-+]   details: '
# told HOME WHAT COMMAND... : for people; the forged lines are there, and every one of them is marked
told() {
    told_home=$1
    told_what=$2
    shift 2
    last="coplan --home $told_home $*"
    "$coplan" --home "$work/$told_home" "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    cat "$work/out" "$work/err" >"$work/screen"
    checks=$((checks + 2))
    grep -q 'Carol Jones' "$work/screen" || bad "$told_what: the words are not shown"
    if grep 'Carol Jones' "$work/screen" | grep -v -E "^($shown)" >"$work/rows"; then
        bad "$told_what: words of one person stand as a row: $(head -1 "$work/rows")"
    fi
}

home asha "Asha"
home bill "Bill"
run 0 asha plan new "The quiet$nl$forged"
plan=$(get .plan)
bring asha bill

step "names are one line"
refused_any 2 "bad_value bad_text bad_field" new init --no-passphrase --name "Asha$nl  Carol Jones: I agree"

step "a plan's title"
told asha "plan list" plan list
told asha "status" status
run 0 asha plan new "Another"
told asha "which plan" list
GLOBAL="--plan $plan"

step "an item, its fields, notes and views, in every list of them"
add asha action "Dig the beds$nl$forged" "details=$forged" lead=Asha due=2031-09-30 "measure=$forged" checked_by=Bill \
    check_every=P1M
action=$id
run 0 asha set plan first_review=2031-06-01 reviewer=Bill "if_behind=$forged"
run 0 asha note comment "$action" "$forged"
run 0 asha rate "$action" score 3 --why "$forged"
run 0 asha add need "$forged"
meet bill asha
plan() { told "$1" "$2" --plan "$plan" $3; }
plan asha "list" list
plan asha "show" "show $action"
run 0 asha set "$action" "measure=Asha's$nl$forged"
run 0 bill set "$action" "measure=Bill's$nl$forged"
meet bill asha
plan asha "wordings" wordings
run 0 asha choose "$action" measure --keep 1
meet bill asha

step "what changed, and what is shown before signing"
run 0 asha freeze --stage agreement --anyway "$forged"
page=$(get .version)
run 0 asha set "$action" "details=Other$nl$forged"
plan asha "changes" "changes $page"
meet bill asha

step "an answer, its reason and what it asks for"
told bill "before signing" --plan "$plan" sign "$page" --worry "noise$nl$forged" --would-agree-if "$forged"
run 0 bill agreement "$page"
meet bill asha
run 0 asha sign "$page" --agree
plan asha "agreement" "agreement $page"
run 0 asha proof "$page" --out "$work/proof"
"$coplan" verify "$work/proof" >"$work/screen" 2>&1
equal 0 $? "a good proof"
ok "the answer in it" grep -q "^  Bill: " "$work/screen"
ok "the words in it" grep -q "Carol Jones" "$work/screen"
equal 2 "$(grep -c '^  [A-Z][a-z]*: ' "$work/screen")" "who signed: two"
ok "every line of them marked" sh -c "! grep 'Carol Jones' '$work/screen' | grep -v -E '^ {8,}\| '"

step "on the next page too, what was asked"
run 0 asha set "$action" "details=Other"
run 0 asha freeze --stage agreement --anyway "later"
next=$(get .version)
plan asha "asked, in agreement" "agreement $next"
plan asha "asked, in changes" "changes $next"

step "limits of who may answer for somebody"
run 0 asha mandate --to Bill --until 2031-12-31 --limits "$forged"
meet bill asha
plan bill "mandates" mandates
told bill "before signing for somebody" --plan "$plan" sign "$next" --agree --for Asha
finish
