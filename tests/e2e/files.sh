# The files as the tools that others use read them, from a plan whose words try to be something else: JSON against its
# published schema, tables with csvclean, text with cmark; and each comes back as it was.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_files.sh"
needs node csvclean cmark "$python"
needs_npm ajv
schema="$COPLAN_SRC/docs/plan.schema.json"
# fits FILE : JSON of the published schema
fits() { ok "fits the schema" node "$COPLAN_SRC/tests/e2e/_schema.cjs" "$schema" "$1"; }
# misfit FILTER WHAT : a plan changed by this filter does not fit
misfit() {
    jq -c "$1" "$work/plan.json" >"$work/changed.json" || bad "jq: $1"
    not "$2 does not fit the schema" node "$COPLAN_SRC/tests/e2e/_schema.cjs" "$schema" "$work/changed.json"
}

step "a hostile plan on two devices, with two wordings and all that a plan may hold"
home asha "Asha <b>"
home bill "$(printf '=1+1 \342\200\256')"
run 0 asha plan new "$(printf '=cmd|calc \342\200\256 <script>')"
bring asha bill
hostile asha
last_action=$id
add asha resource "Money" "unit=pence" "amount=1000"
money=$id
run 0 asha list action
first=$(get '.[0].id')
run 0 asha set "$first" "costs+=$money:250" "lead=me" "helpers+=$person_bill" "csv:@SUM(A1)=@x" "csv:Ein Name, mit \"Zeichen\"=-1"
add asha someone "=Bill, the caretaker"
someone=$id
run 0 asha set "$first" "informed+=$someone"
run 0 asha rate "$first" fairness 2 --why "$(printf '+1\001')"
add asha criterion "=Helps"
run 0 asha set plan "purpose=$(printf '+1\n\342\200\256')" "purpose.cy=Pwrpas" "budget_pence=5000" "review_every=P3M" \
    "first_review=2031-01-01" "languages+=en" "perspectives_needed+=carer" "reviewer=$person_asha" "criteria_order+=$id"
run 0 asha note comment "$first" "$(printf '@x\n\t\342\200\256')"
meet bill asha
run 0 asha set "$first" "due=2031-06-01"
run 0 bill set "$first" "due=2031-07-01"
meet bill asha

step "JSON: the published schema, the same bytes on both devices"
for who in asha bill; do
    run 0 "$who" export json --out "$work/$who.json"
    fits "$work/$who.json"
done
ok "the same bytes" cmp "$work/asha.json" "$work/bill.json"
cp "$work/asha.json" "$work/plan.json"
ok "with every sort of thing" jq -e '(.views | length) > 0 and (.notes | length) > 0 and (.columns | length) > 0 and
    any(.items[]; .wordings | length > 0) and any(.items[]; .fields.costs) and any(.items[]; .kind == "someone")' "$work/plan.json"
misfit 'del(.items)' "a plan without items"
misfit '.format = "coplan plan 2"' "another format"
misfit '.plan = "x"' "an id that is none"
misfit '.items[0].fields.due = {"id": "x"}' "half a cost"
misfit '.items[0].fields.effort_minutes = 1.5' "a broken number"
misfit '.views[0].two = "no"' "a word for a truth"
misfit '.notes[0].claimed_at = -1' "a time before all times"
jq -c '.later = {"a": [1.5]} | .items[0].later = true | .people[0].later = null' "$work/plan.json" >"$work/later.json"
fits "$work/later.json"

step "what a later version added is no reason to refuse, and the rest comes in whole"
run 0 asha plan new "Again"
GLOBAL="--plan $(get .plan)"
run 0 asha import "$work/later.json"
holds 'any(.left[]; contains("helpers") and contains("not in this plan"))' "who is not in this plan is told"
is '[.left[] | select(contains("keeps its own"))] | length' 1 "its title is its own, and that is told"
run 0 asha export json --out "$work/again.json"
fits "$work/again.json"
words='[.items[] | del(.fields.helpers) | [.kind, .text, .state, .fields.plain, .fields.details, .fields.csv, (.fields | keys)]] | sort'
equal "$(jq -c "$words" "$work/plan.json" | sha256sum)" "$(jq -c "$words" "$work/again.json" | sha256sum)" "items, words and fields"
own='.fields | del(.title, .reviewer, .kept_informed, .criteria_order)'
equal "$(jq -c "$own" "$work/plan.json")" "$(jq -c "$own" "$work/again.json")" "the plan's own fields"
ok "not none of them" jq -e "($own | length) >= 6" "$work/again.json"
equal "$(jq -r '.items as $i | .fields.criteria_order | map(. as $id | $i[] | select(.id == $id) | .text)[]' "$work/plan.json")" \
    "$(jq -r '.items as $i | .fields.criteria_order | map(. as $id | $i[] | select(.id == $id) | .text)[]' "$work/again.json")" "its links"
ok "who is here stays named" jq -e --arg who "$person_asha" '.fields.reviewer == $who' "$work/again.json"
said='[.notes[] | [.kind, (.fields | keys)]] | sort'
equal "$(jq -c "$said" "$work/plan.json")" "$(jq -c "$said" "$work/again.json")" "notes and their fields"
equal "$(jq -c .columns "$work/plan.json")" "$(jq -c .columns "$work/again.json")" "columns"
run 0 asha import "$work/later.json"
is .added 0 "the same file again adds nothing"
run 0 asha export json --out "$work/thrice.json"
ok "and changes nothing" cmp "$work/again.json" "$work/thrice.json"
run 0 asha import "$work/again.json" --as json
GLOBAL=""

step "tables: csvclean finds nothing, no cell runs, and every byte comes back"
GLOBAL="--plan $(jq -r .plan "$work/plan.json")"
for who in asha bill; do run 0 "$who" export csv --out "$work/$who.csv"; done
ok "the same bytes on both devices" cmp "$work/asha.csv" "$work/bill.csv"
GLOBAL=""
# A control character is exported, told, and refused on the way in (docs/commands.md): it goes before.
run 0 asha plan new "Table"
GLOBAL="--plan $(get .plan)"
"$python" - "$work/asha.csv" "$work/clean.csv" <<'PYTHON'
import csv, re, sys
rows = list(csv.reader(open(sys.argv[1], encoding="utf-8", newline="")))
clean = [[re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", "", cell) for cell in row] for row in rows]
with open(sys.argv[2], "w", encoding="utf-8", newline="") as out:
    csv.writer(out, lineterminator="\r\n").writerows(clean)
for row in rows[1:]:
    for cell in row:
        if cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
            sys.exit(f"a cell that a spreadsheet runs: {cell[:30]!r}")
PYTHON
equal 0 $? "no cell of the export begins with = + - @ tab or CR"
run 0 asha import "$work/clean.csv"
run 0 asha export csv --out "$work/once.csv"
ok "csvclean finds nothing" sh -c "cd '$work' && csvclean --dry-run once.csv | grep -q 'No errors'"
run 0 asha plan new "Table again"
GLOBAL="--plan $(get .plan)"
run 0 asha import "$work/once.csv"
run 0 asha export csv --out "$work/twice.csv"
ok "the same bytes" cmp "$work/once.csv" "$work/twice.csv"
run 0 asha list action
holds 'any(.[]; .text == "=HYPERLINK(\"http://127.0.0.1/?\"&A1,\"Click\")")' "the formula is words again"
holds "any(.[]; .text == \"'\") and any(.[]; .text == \"''=1\")" "quotes are what they were"
GLOBAL=""

step "text: cmark reads what was written, and nothing more"
GLOBAL="--plan $(jq -r .plan "$work/plan.json")"
run 0 asha export md --out "$work/plan.md"
ok "cmark reads it" sh -c "cmark --to xml --unsafe '$work/plan.md' >'$work/plan.xml'"
not "no link, picture or HTML of theirs" grep -q -e '<link' -e '<image' -e '<html_' -e '<code' -e '<emph' -e '<strong' "$work/plan.xml"
not "nothing turns the text" grep -q "$(printf '\342\200\256')" "$work/plan.md"
"$python" - "$work/plan.xml" <<'PYTHON'
import sys, xml.etree.ElementTree as tree
last = 0
for heading in tree.parse(sys.argv[1]).getroot().iter("{http://commonmark.org/xml/1.0}heading"):
    level = int(heading.get("level"))
    if level > last + 1:
        sys.exit(f"a heading of level {level} after {last}")
    last = level
PYTHON
equal 0 $? "headings in order"
for who in asha bill; do alive "$who"; done
finish
