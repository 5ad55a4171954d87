# Plans that other people wrote: a table with a map file, a page of Markdown, a rehearsal that writes nothing. What is not
# understood stays as words and is said; nothing becomes a day, a sum or a lead by guessing.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
samples="$COPLAN_SRC/../shared/samples"

home asha Asha
run 0 asha plan new "Imports"
first=$(get .plan)
GLOBAL="--plan $first"
home bill Bill
GLOBAL="--plan $first" bring asha bill

step "a rehearsal says what would happen, and nothing does"
run 0 asha digest
before=$(jq -c . "$work/out")
run 0 asha import "$data/council.csv" --map "$data/council.map" --dry-run
is .dry_run true
is .added 4
is '.ids | length' 0
is '[.columns[] | .becomes] | join(",")' ',text,lead,due,cost_pence,rag,'
is '[.rows[0].fields[] | select(.name == "due") | .value] | .[0]' 2027-04-30
cells='.not_understood | map([.row, .column, .why] | join(" ")) | join("; ")'
is "$cells" "3 Who several_leads; 3 Cost (£) no_money; 4 Who nobody_called; 4 By when no_day; 5 Who several_leads; 5 Cost (£) no_money"
run 0 asha digest
equal "$before" "$(jq -c . "$work/out")" "the digest after a rehearsal"
"$coplan" --home "$work/asha" --plan "$first" import "$data/council.csv" --map "$data/council.map" --dry-run >"$work/screen" 2>&1
ok "it says that it was a rehearsal" grep -q "nothing was written" "$work/screen"
ok "and which cell, row and column" grep -q 'Row 4, By when: "Easter" is no day' "$work/screen"
ok "and that there is no lead yet" grep -q 'Row 3, Who: .*no lead yet' "$work/screen"

step "the same for real"
run 0 asha import "$data/council.csv" --map "$data/council.map"
is .dry_run false
is .added 4
is .notes 4
is "$cells" "3 Who several_leads; 3 Cost (£) no_money; 4 Who nobody_called; 4 By when no_day; 5 Who several_leads; 5 Cost (£) no_money"
run 0 asha list action
is '.[0].fields.due' 2027-04-30
is '.[0].fields.cost_pence' 125000
is '.[0].fields["csv:By when"]' 30/04/2027 "the words themselves stay"
is '.[0].fields.lead' "$person_asha"
is '.[1].fields.due' 2027-07-20 "Summer term, because the map was asked"
is '.[1].fields["csv:By when"]' "Summer term"
is '.[1].fields.lead' null "two names: nobody leads"
is '.[1].fields.helpers | sort | join(",")' "$(printf '%s\n%s\n' "$person_asha" "$person_bill" | sort | paste -sd, -)" "they help"
is '.[1].fields.cost_pence' null "80 of what?"
is '.[2].fields.due' null "Easter is no day"
is '.[2].fields["csv:By when"]' Easter
is '.[2].fields["csv:Who"]' "Leadership team"
is '.[3].fields.helpers | length' 1 "those that are known"
for n in 0 1 2 3; do
    run 0 asha list action
    run 0 asha show "$(get ".[$n].id")"
    is '.notes | length' 1
    is '.notes[0] | [.kind, .fields.rag, .text] | join("/")' \
        "$(sed -n "$((n + 1))p" <<'WANTED'
progress/green/GREEN
progress/amber/Amber
progress/unknown/Progress unknown
progress/amber/Ambr
WANTED
)"
done

step "again, and cut off between: nothing twice"
run 0 asha digest
before=$(jq -c . "$work/out")
run 0 asha import "$data/council.csv" --map "$data/council.map"
is .added 0
is .known 4
run 0 asha import "$data/council.csv" --map "$data/council.map" --dry-run
is '[.added, .known] | join("/")' 0/4
run 0 asha digest
equal "$before" "$(jq -c . "$work/out")" "the digest after the same again"

step "the table comes out with the words it came with"
run 0 asha export csv --out "$work/out.csv"
ok "the old columns" grep -q '^Ref,What we will do,Who,By when,Cost (£),Status,Thoughts,' "$work/out.csv"
ok "the old cells" grep -q '^4,Plant trees,"Bill, Chen and the Council",2027-06-01,free,Ambr,ongoing,' "$work/out.csv"
ok "what a spreadsheet would run is defused" grep -q "'=1+1" "$work/out.csv"

step "a better map later: the rows that are here keep what they have, and that is said"
"$coplan" --home "$work/asha" --plan "$first" import "$data/council.csv" --map "$data/council.map" >"$work/screen" 2>&1
ok "how many" grep -q "^4 rows were here before and keep" "$work/screen"
"$coplan" --home "$work/asha" --plan "$first" import "$data/council.csv" --map "$data/council.map" --dry-run >"$work/screen" 2>&1
ok "in a rehearsal too" grep -q "^4 rows were here before and keep" "$work/screen"
"$coplan" --home "$work/asha" --plan "$first" import "$data/council.csv" >"$work/screen" 2>&1
not "without a map there is nothing to say" grep -q "were here before and keep" "$work/screen"

step "maps that do not hold are refused, by line, and nothing is written"
map() { printf "$1" >"$work/map"; }
for bad in 'due When\n' 'due = \n' '= When\n' 'deu = By when\n' 'due = By when\ndue = Ref\n' 'due = Ref\nlead = Ref\n' \
    'due = No such column\n' 'due: Easter = soon\n' 'rag: x = purple\n' 'days = american\n' 'money = euros\n' \
    'due = \377\376\n' 'due = By when\n\001\n' 'text: a = b\n' 'csv = Ref\n' 'import = Ref\n'; do
    map "$bad"
    refused_any 2 "bad_file bad_csv" asha import "$data/council.csv" --map "$work/map"
done
refused 2 bad_file asha import "$data/council.csv" --map "$work/no-such-map"
refused 2 usage asha import "$data/plan.md" --map "$data/council.map"
refused 2 usage asha import "$data/plan.md" --as docx
run 0 asha digest
equal "$before" "$(jq -c . "$work/out")" "the digest after refusals"

step "tables that cannot be read say where"
message() { get .error.message; }
printf '\377\376a\000c\000t\000' >"$work/utf16.csv"
refused 2 bad_csv asha import "$work/utf16.csv"
ok "UTF-16 by name" sh -c "grep -q 'UTF-16, from row 1' '$work/out'"
printf 'action,who\nWalk,Ren\351\n' >"$work/latin.csv"
refused 2 bad_csv asha import "$work/latin.csv"
ok "Latin-1 by row and column" grep -q 'row 2, column 2' "$work/out"
printf 'action,who,who\nWalk,a,b\n' >"$work/twice.csv"
refused 2 bad_csv asha import "$work/twice.csv" --dry-run
: >"$work/empty.csv"
refused 2 bad_csv asha import "$work/empty.csv" --dry-run
head -c 100 "$data/council.csv" >"$work/cut.csv"
refused 2 bad_csv asha import "$work/cut.csv" --map "$data/council.map"

step "a page of Markdown through its headings"
run 0 asha plan new "From a page"
GLOBAL="--plan $(get .plan)"
run 0 asha import "$data/plan.md" --dry-run
is .added 6
is '[.rows[] | [.row, .kind, .text] | join(" ")] | join("; ")' "10 priority A safer crossing; 29 priority Green corners; 15 action Ask the council for a crossing; 25 action Count the cars; 31 action Plant trees by the school; 33 action Water them"
is '.left | length' 3
run 0 asha list
is length 0
run 0 asha import "$data/plan.md"
is .added 6
run 0 asha list priority
is '[.[].text] | join("; ")' "A safer crossing; Green corners"
is '.[0].fields.why' "People cannot get over the road.
It has been so for years."
crossing=$(get '.[0].id')
run 0 asha list action
is length 4
is '.[0].fields.details' 'Write to them, and go to the meeting.

#### A heading inside stays with it

```
# no heading, but code
```'
is '.[0].fields.serves[0]' "$crossing"
is '.[1].text' "Count the cars"
is '.[1].fields.details' '[Count the cars](https://example.org/count){:.button}

One morning, one evening.'
is '.[3].fields.details' "$(printf '=SUM(1+1) is words here, and so is \342\200\256this.')"
run 0 asha import "$data/plan.md"
is '[.added, .known] | join("/")' 0/6
printf 'no heading at all\n' >"$work/none.md"
refused 2 bad_file asha import "$work/none.md"
printf '# a\n\000\n' >"$work/nul.md"
refused 2 bad_file asha import "$work/nul.md"
printf '# a\nRen\351\n' >"$work/latin.md"
refused 2 bad_file asha import "$work/latin.md"
ok "by line" grep -q 'line 2' "$work/out"
awk 'BEGIN { print "# a"; for (i = 0; i < 2000; i++) print "0123456789" }' >"$work/long.md"
refused 2 bad_file asha import "$work/long.md"
: >"$work/empty.md"
refused 2 bad_file asha import "$work/empty.md"
awk 'BEGIN { for (i = 0; i < 20000; i++) print "# " i }' >"$work/many.md"
refused 2 bad_file asha import "$work/many.md"
alive asha

if [ ! -d "$samples" ]; then
    echo "(the real plans are not here: the rest is left out)"
    finish
fi

step "a real plan in Markdown: 5 themes, 36 commitments"
run 0 asha plan new "A national plan"
GLOBAL="--plan $(get .plan)"
page="$samples/gsa-us-open-government-plan-nap5.md"
run 0 asha import "$page" --dry-run
is .added 41
run 0 asha import "$page"
is .added 41
run 0 asha list priority
is length 5
run 0 asha list action
is length 36
holds 'all(.[]; (.fields.serves | length) == 1)' "each under its theme"
holds 'any(.[]; .text == "Improve Public Engagement Related to Agency Regulatory Actions.")' "a heading that is a link by its words"
get '.[].fields.details' >"$work/words"
ok "the words are all there" grep -q "Requests for Information from the public to inform efforts" "$work/words"
run 0 asha import "$page"
is '[.added, .known] | join("/")' 0/41
as asha check P9

equal 1 "$status" "a plan without leads and days is not complete"

step "a real table: Summer term and Easter stay words, and the same bytes come out"
run 0 asha plan new "A school's plan"
GLOBAL="--plan $(get .plan)"
table="$samples/dfe-workload-wellbeing-action-plan.csv"
cat >"$work/school.map" <<'MAP'
text = action
due = timescale
lead = monitoring
measure = success_criteria
details = objective
MAP
run 0 asha import "$table" --map "$work/school.map" --dry-run
is '[.not_understood[] | select(.why == "no_day") | .value] | unique | length' 4 "no timescale is a day"
is '[.not_understood[] | select(.column == "monitoring") | .why] | unique | join(",")' several_leads
run 0 asha import "$table" --map "$work/school.map"
run 0 asha list action
holds 'all(.[]; .fields.due == null and .fields.lead == null)' "nothing was guessed"
is '[.[] | .fields["csv:timescale"]] | map(select(. == "Summer term" or . == "Easter")) | length' 3
holds 'all(.[]; .fields.measure != null and .fields.details != null)' "what needs no guess is there"
run 0 asha plan new "As it is"
GLOBAL="--plan $(get .plan)"
run 0 asha import "$table"
run 0 asha export csv --out "$work/again.csv"
ok "the same bytes" sh -c "sed 's/\$/\\r/; s/\\r\\r/\\r/' '$table' | cmp - '$work/again.csv'"
alive asha
finish
