# The table in docs/standard.md: every point that `coplan check` knows has a row with a test that is there; every
# knowledge point K1 to K36 is named once; every reason of the core has a sentence; every row has its commands.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"
table="$COPLAN_SRC/docs/standard.md"

step "the points of check and the rows of the table are the same, in the same order"
home asha "Asha"
run 0 asha plan new "Nothing yet"
run 1 asha check
get '.[].criterion' >"$work/points"
sed -n 's/^| \([PCK][-0-9A-Z.]*\) |.*/\1/p' "$table" >"$work/rows"
ok "points and rows" diff "$work/points" "$work/rows"
is length 39
holds 'all(.[]; .met == "yes" or .met == "no" or .met == "needs people")' "three answers and no other"
holds 'all(.[]; .met == "yes" or (.why | length) > 0)' "whoever is not met says why"
holds 'all(.[].why[]; type == "string" and length > 10 and contains(" "))' "in words, not in codes"

step "each test that is named is there, and each test here is named"
sed -n 's/^| [PCK].*| \([^ |]*\) |$/\1/p' "$table" >"$work/tests"
equal "$(wc -l <"$work/rows")" "$(wc -l <"$work/tests")" "rows with a test"
while read -r test; do
    ok "$test" test -s "$COPLAN_SRC/$test"
done <"$work/tests"
for script in "$COPLAN_SRC"/tests/standard/[PCK]*.sh; do
    ok "named in the table" grep -q -x -F "tests/standard/${script##*/}" "$work/tests"
    ok "its point is run" grep -q -F "${script##*/}" "$table"
done

step "each knowledge point is named once, and check finds it by its number"
k=1
while [ "$k" -le 36 ]; do
    equal 1 "$(grep '^| K-' "$table" | grep -o -w "K$k" | wc -l | tr -d ' ')" "K$k in the table"
    as asha check "K$k"
    checks=$((checks + 1))
    row=$(grep '^| K-' "$table" | grep -w "K$k" | cut -d' ' -f2)
    equal "$row" "$(get '.[0].criterion')" "check K$k"
    k=$((k + 1))
done

step "every reason that the core can give has its sentence, and none is left over"
# A code is the third argument of cp_say*, or stands in a table or a choice beside it; those of a page's rule are the gatherer's.
cat "$COPLAN_SRC"/proto/check_*.c "$COPLAN_SRC"/proto/prompts.c "$COPLAN_SRC"/proto/reason_text.c "$COPLAN_SRC"/daemon/gather_ready.c "$COPLAN_SRC"/daemon/gather.c | tr '\n' ' ' | grep -o '"[a-z][a-z_]*"' | tr -d '"' | sort -u >"$work/words"
sed -n '/reasons\[\]/,/^};/p' "$COPLAN_SRC/client/words_check.c" | sed -n 's/^ *{"\([a-z_]*\)",.*/\1/p' | sort -u >"$work/sentences"
ok "no sentence is left over" sh -c "comm -13 '$work/words' '$work/sentences' | grep . && exit 1 || exit 0"
cat "$COPLAN_SRC"/proto/check_*.c | tr '\n' ' ' |
    grep -o 'cp_say[123]*(c, [A-Z_]*, *"[a-z_]*"\|hard(c, "[a-z_]*"\|want_some(c, [A-Z_]*, *"[a-z_]*"\|weigh(c, [A-Z_]*, *"[a-z_]*"' |
    grep -o '"[a-z_]*"' | tr -d '"' | sort -u >"$work/codes"
ok "enough codes were found for this to mean something" test "$(wc -l <"$work/codes")" -gt 70
ok "every code has its sentence" sh -c "comm -23 '$work/codes' '$work/sentences' | grep . && exit 1 || exit 0"
finish
