# The story that plays itself runs to its end, says what it shows, and leaves the machine as it found it, also when
# nobody listens to the end.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

mkdir "$work/place" "$work/home"
# told : runs the story in a place and home that are empty before
told() {
    TMPDIR="$work/place" HOME="$work/home" NO_COLOR=1 sh "$COPLAN_SRC/client/demo.sh"
}
left_nothing() {
    checks=$((checks + 1))
    [ -z "$(ls -A "$work/place" "$work/home" | grep -v :)" ] || bad "files are left: $(ls -A "$work/place" "$work/home")"
    checks=$((checks + 1))
    [ -z "$(daemons)" ] || bad "daemons still run: $(daemons)"
}
# says WORDS : some line of the story has them
says() {
    checks=$((checks + 1))
    grep -q -F -e "$1" "$work/story" || bad "the story does not say: $1"
}
# never WORDS
never() {
    checks=$((checks + 1))
    ! grep -q -F -e "$1" "$work/story" || bad "the story says: $1"
}
# counted N WORDS : that many lines have them
counted() {
    equal "$1" "$(grep -c -F -e "$2" "$work/story")" "lines with: $2"
}

step "from why to the first look back"
checks=$((checks + 1))
told >"$work/story" 2>"$work/err" || { tail -20 "$work/story"; fatal "the story broke off"; }
left_nothing
equal "" "$(cat "$work/err")" "what went to stderr"
never "should have worked"
never "not known"
counted 13 "== "
for chapter in "3. Why do this together?" "5. Different ideas" "6. What we will do" "7. A page to look at first" \
    "9. They change the plan" "10. A proof" "11. Everyone gets the page" "12. They do it"; do
    says "== $chapter"
done

step "what it showed was so"
says "everyone can live with it:"
says "1. Grow a garden on the empty corner"
says ". Build raised beds for herbs   (Chen)"
equal 1 "$(sed -n '/If these three lines/,/^$/p' "$work/story" | sed -n 's/^ *| [A-Z][a-z]* *\([0-9a-f]\{32\}\)$/\1/p' |
    sort | uniq -c | awk '$1 == 3' | wc -l)" "three equal digests"
counted 1 "(for agreement): not agreed"
says "would agree if: we meet on Sundays"
says "+   text: Meet for tea in the garden every Sunday"
says "You cannot be a witness here"
counted 3 "(for agreement): agreed, with worries"
counted 4 "Dora: I agree, signed on paper, seen by"
says "Good. These words were signed by:"
if command -v ssh-keygen >/dev/null; then
    counted 4 'Good "coplan-agreement-v1" signature for p-'
fi
says "Not good."
says "Dora: not given yet, wants large print"
says "done by"
says "We last looked:"

step "every point of the standard is met, as the plan now is"
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
    checks=$((checks + 1))
    sed -n '/thirteen points/,$p' "$work/story" | grep -q "^ *| P$n  *met " || bad "P$n is not met at the end"
done

step "every line that somebody types is short enough to read, and the words are plain"
checks=$((checks + 1))
[ "$(awk '{ if (length($0) > longest) longest = length($0) } END { print longest }' "$work/story")" -le 260 ] ||
    bad "a line is longer than 260 letters"

step "nobody listens to the end"
told 2>/dev/null | head -25 >"$work/story"
says "== 2."
left_nothing
finish
