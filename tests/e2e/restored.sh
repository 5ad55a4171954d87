# A home that is put back to last week, in every way that people do it, while the others went on: both stories are kept, all
# hold the same after one meeting, one plain note says what happened, and nobody is accused of anything.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# has HOME TEXT : the need is there
has() {
    run 0 "$1" list need
    holds "any(.[]; .text == \"$2\")" "$1 has \"$2\""
}
# innocent HOME... : nobody is accused
innocent() {
    for innocent_home in "$@"; do
        run 0 "$innocent_home" status
        is '.plans[0].forks' 0 "$innocent_home shows no fork"
        is '.plans[0].void' 0 "$innocent_home shows nothing void"
        is '.plans[0].missing' 0 "$innocent_home misses nothing"
    done
}

step "three people; a backup, and a copy of the whole home, of one evening"
for who in asha bill chen; do
    home "$who" "$who"
done
run 0 asha plan new "The garden"
bring asha bill
bring asha chen
run 0 asha add need "A bench"
bench=$(get .id)
meet bill asha
run 0 asha backup "$work/evening.backup"
run 0 asha daemon stop
cp -a "$work/asha" "$work/evening"
rm -rf "$work/evening/socket"
serve asha

round=0
# week : everybody goes on, asha too, and what she writes reaches bill alone
week() {
    round=$((round + 1))
    run 0 asha add need "Week $round of asha, before"
    run 0 asha set "$bench" "why=asha in week $round"
    meet bill asha
    run 0 bill add need "Week $round of bill"
    run 0 chen add need "Week $round of chen"
    run 0 asha daemon stop
}
# after HOW : asha goes on writing before she meets anybody; then everybody meets once
after() {
    serve asha
    run 0 asha status
    is '.restored.back' false "$1: the note is there before anything else"
    run 0 asha add need "Week $round of asha, after"
    run 0 asha set "$bench" "why=asha again in week $round"
    meet asha bill
    same asha bill
    meet chen bill
    meet asha chen
    same asha bill chen
    for home in asha bill chen; do
        has "$home" "Week $round of asha, before"
        has "$home" "Week $round of asha, after"
        has "$home" "Week $round of bill"
    done
    innocent asha bill chen
    run 0 asha status
    is '.restored.back' true "$1: what the others hold is here again"
    ok "$1: in plain words, once" sh -c "[ \$('$coplan' --home '$work/asha' status | grep -c 'put back to an earlier day') -eq 1 ]"
    for home in bill chen; do
        run 0 "$home" status
        is .restored null "$home has nothing to say of itself"
    done
    run 0 asha status --seen
    run 0 asha status
    is .restored null "$1: put away"
    run 0 asha wordings
    holds "any(.[]; .field == \"why\")" "$1: both wordings stand until somebody chooses"
    run 0 asha choose "$bench" why --keep 1
    meet bill asha
    meet chen asha
}

step "the backup, into an empty folder"
week
rm -rf "$work/asha"
run 0 asha restore "$work/evening.backup"
after "backup"

step "the whole home, copied back"
week
rm -rf "$work/asha"
cp -a "$work/evening" "$work/asha"
after "whole home"

step "the database file alone, written over the one that is there"
week
cat "$work/evening/plan.db" >"$work/asha/plan.db"
rm -f "$work/asha/plan.db-wal"
after "database in place"

step "the database file alone, as another file"
week
rm -f "$work/asha/plan.db" "$work/asha/plan.db-wal"
cp "$work/evening/plan.db" "$work/asha/plan.db"
after "database file"

step "and without its marker"
week
rm -f "$work/asha/plan.db" "$work/asha/plan.db-wal" "$work/asha/plan.db.marker"
cp "$work/evening/plan.db" "$work/asha/plan.db"
after "no marker"

step "set back so that nothing on the machine shows it: the next meeting does, before anything is written"
run 0 asha daemon stop
cp -a "$work/asha" "$work/today"
serve asha
week
cat "$work/today/plan.db" >"$work/asha/plan.db"
cat "$work/today/plan.db.marker" >"$work/asha/plan.db.marker"
rm -f "$work/asha/plan.db-wal"
serve asha
run 0 asha status
is .restored null "it does not know"
meet asha bill
run 0 asha status
holds '.restored != null' "now it does"
run 0 asha add need "Written after it was told"
meet asha bill
same asha bill
meet chen bill
meet asha chen
same asha bill chen
has chen "Week $round of asha, before"
innocent asha bill chen
run 0 asha status --seen

step "the same, but written before the meeting: two branches of one chain, both kept, shown and not punished"
run 0 asha daemon stop
rm -rf "$work/today"
cp -a "$work/asha" "$work/today"
serve asha
week
cat "$work/today/plan.db" >"$work/asha/plan.db"
cat "$work/today/plan.db.marker" >"$work/asha/plan.db.marker"
rm -f "$work/asha/plan.db-wal"
serve asha
run 0 asha add need "Week $round of asha, on the other branch"
meet asha bill
same asha bill
meet chen bill
meet asha chen
same asha bill chen
for home in asha bill chen; do
    has "$home" "Week $round of asha, before"
    has "$home" "Week $round of asha, on the other branch"
    run 0 "$home" status
    is '.plans[0].forks' 1 "$home shows it"
    is '.plans[0].void' 0 "and nothing of it is void"
done
run 0 asha add need "She goes on"
meet asha bill
same asha bill
run 0 asha status --seen

step "a home copied, and both copies used"
run 0 asha daemon stop
cp -a "$work/asha" "$work/twin"
rm -rf "$work/twin/socket"
serve asha
serve twin
run 0 twin status
is '.restored.back' false "the copy says that it is one"
run 0 asha status
is .restored null "the one that it was made of does not"
for n in 1 2 3; do
    run 0 asha add need "Of the first, $n"
    run 0 twin add need "Of the second, $n"
    meet asha bill
    meet twin bill
done
meet asha bill
meet chen bill
same asha twin bill chen
for home in asha twin bill chen; do
    has "$home" "Of the first, 3"
    has "$home" "Of the second, 3"
    run 0 "$home" status
    is '.plans[0].forks' 1 "$home: no further fork than the one of before"
done
address asha
refused 3 not_a_member twin sync "$address" # two homes with one key do not talk to each other; they meet through others
alive asha

step "a copy of a home that had written nothing yet"
home early "Early"
run 0 early daemon stop
mkdir "$work/late"
cp "$work/early/keys" "$work/early/plan.db" "$work/late/"
serve early
serve late
run 0 asha invite --my-device >/dev/null
run 0 early plan new "Another"
run 0 late plan new "Yet another"
run 0 early log
first=$(get '.[0].entry')
run 0 late log
differ "$first" "$(get '.[0].entry')" "two plans"

step "an old file of a home that was put back: nobody goes by it, in whatever order the files are read"
home vera Vera
home will Will
run 0 vera plan new "Sticks"
bring vera will
meet will vera
run 0 will daemon stop
cp -a "$work/will" "$work/will.before"
rm -rf "$work/will.before/socket"
serve will
run 0 vera add need "First, which will had"
run 0 vera add need "Second, which will had"
run 0 vera bundle write "$work/v1.coplan"
run 0 will bundle read "$work/v1.coplan"
is .taken 2
run 0 will bundle write "$work/shared.coplan"
run 0 will daemon stop
rm -rf "$work/will"
mv "$work/will.before" "$work/will"
serve will
run 0 will add need "Of will, put back"
run 0 will bundle write "$work/shared.coplan"
is .kept 1 "his own earlier one, which this home does not know, stays behind it"
run 0 vera bundle read "$work/shared.coplan"
is '[.taken, .bundles] | join(" ")' "1 2"
run 0 vera peers
holds 'all(.[]; .has == null or .has.lacks >= 2)' "nobody says that he has them"
run 0 vera bundle write "$work/v2.coplan"
run 0 will bundle read "$work/v2.coplan"
has will "First, which will had"
has will "Second, which will had"
run 0 will bundle write "$work/shared.coplan"
run 0 vera bundle read "$work/shared.coplan"
run 0 vera peers
holds 'all(.[]; .has.everything)' "now he says himself that he has all, and what lies behind that is known"
run 0 vera bundle write "$work/v3.coplan"
is .entries 0 "nothing is sent twice"
finish
