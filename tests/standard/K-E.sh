# K-E: supporting change: a guide for each stage, with no network and on one side of paper; a small test first; who chose it and
# who leads it. Whether the guides help is for people to say.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a guide for each stage: without a home, without a daemon, without a network"
for stage in gathering choosing planning comment signing agreed review changing ended; do
    checks=$((checks + 1))
    "$coplan" --home "$work/nobody" guide "$stage" >"$work/guide" 2>"$work/err" || bad "no guide for $stage"
    ok "$stage asks something" test "$(grep -c '?' "$work/guide")" -ge 3
    ok "$stage says what to type" grep -q '^- coplan ' "$work/guide"
    "$coplan" --home "$work/nobody" guide "$stage" --html --out "$work/$stage.html" >"$work/out" 2>"$work/err"
    ok "$stage as a page" grep -q '<h1' "$work/$stage.html"
    not "$stage fetches nothing" grep -q -i 'http\|src=\|<script\|@import\|<link' "$work/$stage.html"
done
not "no home was made" test -e "$work/nobody"
refused 2 usage nobody guide tomorrow
refused 2 usage nobody guide "../planning"
run 0 nobody guide planning
holds 'type == "string" and contains("Who makes sure it happens?")' "with --json a string"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -n "$browser" ] && command -v pdfinfo >/dev/null; then
    for stage in planning choosing; do # the two longest
        "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-pdf-header-footer --user-data-dir="$work/profile" \
            --print-to-pdf="$work/$stage.pdf" "file://$work/$stage.html" >"$work/print" 2>&1
        equal 1 "$(pdfinfo "$work/$stage.pdf" 2>/dev/null | sed -n 's/^Pages: *//p')" "sides of A4 of $stage"
    done
fi

step "it follows the plan's own stage, and locks nothing"
home asha "Asha"
run 0 asha plan new "The yard"
run 0 asha guide
holds 'contains("Who we are")' "gathering"
check_is 1 asha K-E no
reason no_small_test
add asha priority "A place to sit" "state=chosen"
priority=$id
add asha option "One Sunday first" "pilot=yes" "for+=$priority"
option=$id
run 0 asha guide
holds 'contains("which one to take")' "choosing"
run 0 asha guide signing
check_is 0 asha K-E "needs people"
reason guides_for_people

step "who chose this, and who leads it"
run 0 asha set "$option" "state=chosen"
run 0 asha note choice "$option" "It costs nothing"
add asha action "Sweep the yard" "from+=$option" "lead=Asha"
action=$id
run 0 asha show "$option"
holds 'any(.notes[]; .kind == "choice" and .name == "Asha" and .text == "It costs nothing")' "who chose it, and why"
run 0 asha show "$action"
is .fields.lead "$person_asha"
is '.fields.from[0]' "$option" "what it comes from"
finish
