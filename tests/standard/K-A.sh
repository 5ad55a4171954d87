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
finish
