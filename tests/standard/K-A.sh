# K-A: a library inside the plan: each source says from where and from when; those past their day are named.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a source without a source"
home asha "Asha"
run 0 asha plan new "The library"
check_is 1 asha K-A no
add asha evidence "Gardens help" "type=research"
evidence=$id
check_is 1 asha K-A no
reason no_source
reason no_source_date
run 0 asha set "$evidence" "source=A journal" "read_on=2031-01-01" "check_again_on=2032-01-01"
run 0 asha check K2 --on 2031-12-31
is '.[0].criterion' K-A "by the number of the knowledge point"
is '.[0].met' yes
run 1 asha check K-A --on 2032-01-02
reason source_stale
holds '.[0].why[0] | contains("Gardens help") and contains("2032-01-01")' "named with its day"
run 0 asha list evidence --stale --on 2032-01-02
is '[.[] | [.text, .fields.source, .fields.check_again_on] | join(", ")] | join("; ")' "Gardens help, A journal, 2032-01-01"
run 0 asha list --kind evidence --stale --on 2032-01-02
is length 1 "as it is written in the standard"
"$coplan" --home "$work/asha" list evidence --stale --on 2032-01-02 >"$work/human" 2>&1
ok "named, with its day" grep -q "Gardens help" "$work/human"

step "law, policy, whom to ask: each sort, and a contact is enough of a source"
for type in law policy guidance research "local data" "lived experience" "our own protocol"; do
    add asha evidence "A $type" "type=$type" "source=The $type book" "link=https://example.org/a" "read_on=2031-02-03"
done
add asha evidence "Ask the law centre" "contact=Ring on Tuesdays" "read_on=2031-02-03"
run 0 asha check K-A --on 2031-06-01
is '.[0].met' yes

step "every source exports with its title, its address and its day"
for format in json md html; do
    "$coplan" --home "$work/asha" export "$format" >"$work/out.$format" 2>"$work/err"
    ok "$format: title" grep -q "The law book" "$work/out.$format"
    ok "$format: address" grep -q 'example[\\]*\.org/a' "$work/out.$format"
    ok "$format: day" grep -q '2031-02-03\|3 February 2031' "$work/out.$format"
done

step "read again on one device and put off on another: both days are there until somebody chooses"
home bill "Bill"
bring asha bill
meet bill asha
early bill
run 0 asha set "$evidence" "check_again_on=2033-01-01"
run 0 bill set "$evidence" "check_again_on=2034-01-01"
meet bill asha
same asha bill
dealt 2 asha bill
for who in asha bill dealt; do
    run 0 "$who" wordings
    holds "any(.[]; .id == \"$evidence\" and .field == \"check_again_on\" and (.wordings | length) == 2)" "two days at $who's"
done
finish
