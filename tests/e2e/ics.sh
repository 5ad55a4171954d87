# Calendars: days and reviews as two parsers read them; repeats; what changes and what stays; nobody's name and no word
# about health unless asked for; hostile words; the same bytes on every device.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_files.sh"
needs node "$python"
needs_npm ical.js

# calendar HOME [OPTION...] : exports, checks with both parsers; what they found stands in $work/out
calendar() {
    calendar_home=$1
    shift
    run 0 "$calendar_home" export ics "$@" --out "$work/plan.ics"
    ok "RFC 5545, and python3-icalendar reads it" "$python" "$COPLAN_SRC/tests/e2e/_ics.py" "$work/plan.ics"
    "$python" "$COPLAN_SRC/tests/e2e/_ics.py" "$work/plan.ics" >"$work/by-python" 2>/dev/null
    ok "ical.js reads it" node "$COPLAN_SRC/tests/e2e/_ics.cjs" "$work/plan.ics"
    node "$COPLAN_SRC/tests/e2e/_ics.cjs" "$work/plan.ics" >"$work/by-node" 2>/dev/null
    # python3-icalendar 4 takes an escaped backslash before an n for a line break; ical.js reads it as it is written.
    jq -c '[.rows[] | select(.summary | contains("\\") | not) | .uid]' "$work/by-node" >"$work/plain"
    for by in python node; do
        jq -c --slurpfile plain "$work/plain" '([.rows[] | [.kind, .uid, .day, .sequence,
            if .uid | IN($plain[0][]) then .summary else null end]] | sort)' "$work/by-$by" >"$work/read-$by"
    done
    ok "both read the same" cmp "$work/read-python" "$work/read-node"
    jq -c --slurpfile node "$work/by-node" \
        '($node[0].rows | map({key: .uid, value: .}) | from_entries) as $by | .rows |= map(.summary = $by[.uid].summary)
         | .days = ($by | map_values(.days))' "$work/by-python" >"$work/out"
}
# days ID-BEGINNING DAY... : the first days of a repeat
days() {
    days_of=$1
    shift
    is "[.days | to_entries[] | select(.key | startswith(\"$(printf %.12s "$days_of")\")) | .value[]] | join(\" \")" "$*" "days"
}

step "a plan without a day"
home asha "Asha Patel"
home bill "Bill"
run 0 asha plan new "The garden"
bring asha bill
calendar asha
is '.rows | length' 0
is .name "The garden"

step "days, reviews and what is to be looked at again"
add asha action "Mend the fence; paint it, too" "due=2031-05-31" "lead=Asha Patel" "helpers+=Bill"
fence=$id
add asha action "Water the beans" "start=2031-05-01" "due=2031-06-01" "repeats=weekly"
beans=$id
add asha action "Close the month" "due=2031-01-31" "repeats=monthly"
month=$id
add asha action "Leap" "start=2032-02-29" "repeats=yearly"
leap=$id
add asha action "Whenever" "due=2031-07-01" "repeats=when the moon is full"
moon=$id
add asha action "No day"
add asha action "Begins" "start=2031-04-01"
add asha risk "Too dry" "review_on=2031-06-06"
add asha evidence "A guide" "check_again_on=2031-09-09"
run 0 asha set plan "first_review=2031-08-15" "review_every=P2M"
calendar asha
is '.rows | length' 8 "no row for what has no day"
holds 'all(.rows[]; .kind == "VEVENT")' "events, which every calendar shows"
holds 'any(.rows[]; .summary == "Mend the fence; paint it, too" and .day == "2031-05-31" and .rule == "")'
holds 'any(.rows[]; .summary == "Time to look again at our plan" and .day == "2031-08-15" and .rule == "FREQ=MONTHLY;INTERVAL=2")'
holds 'any(.rows[]; .summary == "Time to look again: Too dry" and .day == "2031-06-06")'
holds 'any(.rows[]; .day == "2031-09-09")' "a source to check"
days "$beans" 2031-05-01 2031-05-08 2031-05-15 2031-05-22 2031-05-29
days "$month" 2031-01-31 2031-02-28 2031-03-31 2031-04-30 2031-05-31
days "$leap" 2032-02-29 2033-02-28 2034-02-28 2035-02-28 2036-02-29
days "$moon" ""
not "nobody's name is in it" grep -q -e Asha -e Patel -e Bill "$work/plan.ics"
cp "$work/plan.ics" "$work/before.ics"
jq -c '[.rows[] | {key: .uid, value: .sequence}] | from_entries' "$work/out" >"$work/sequences"

step "the same bytes on every device, whenever it is written"
meet bill asha
calendar bill
ok "the same bytes at bill's" cmp "$work/plan.ics" "$work/before.ics"
as asha export ics
ok "on stdout too" sh -c "\"$coplan\" --home '$work/asha' export ics 2>/dev/null | cmp - '$work/before.ics'"

step "a change: the same UID, a higher SEQUENCE, and only there"
run 0 bill set "$fence" "due=2031-06-15"
meet bill asha
calendar asha
holds "any(.rows[]; (.uid | startswith(\"$(printf %.12s "$fence")\")) and .day == \"2031-06-15\")"
ok "rises where it changed, stays elsewhere" jq -e --slurpfile old "$work/sequences" \
    ".rows | all(if (.uid | startswith(\"$(printf %.12s "$fence")\")) then .sequence > \$old[0][.uid] else .sequence == \$old[0][.uid] end)" "$work/out"

step "to-dos when asked for, with how it goes"
run 0 asha note progress "$fence" "" "status=doing"
run 0 asha note progress "$beans" "" "status=done"
calendar asha --todo
is '[.rows[] | select(.kind == "VTODO")] | length' 5
is '[.rows[] | select(.kind == "VEVENT")] | length' 3
holds 'any(.rows[]; .kind == "VTODO" and .status == "IN-PROCESS" and .day == "2031-06-15")'
holds 'any(.rows[]; .status == "COMPLETED")'

step "names and words about health are in it only when asked for"
add asha action "Ask Patel about the hose" "due=2031-07-02"
add asha action "Walk for people with DEPRESSION" "due=2031-07-03"
add asha action "Paint the therapist's door with bill" "due=2031-07-04"
add asha action "The billing of the seeds" "due=2031-07-05"
calendar asha
not "no name, no word about health" grep -q -i -e patel -e depression -e therap -e 'with bill' "$work/plan.ics"
holds 'any(.rows[]; .day == "2031-07-02" and (.summary | startswith("Our plan: something is to be done")))' "a sentence instead"
holds 'any(.rows[]; .summary == "The billing of the seeds")' "a name inside a word is none"
ok "it says how many" grep -q "3 texts" "$work/err"
calendar asha --with-names
holds 'any(.rows[]; .summary == "Ask Patel about the hose")'
holds 'any(.rows[]; .description | contains("Asha Patel, Bill"))' "who does it"
not "still no word about health" grep -q -i -e depression -e therap "$work/plan.ics"
calendar asha --with-names --with-health-words
holds 'any(.rows[]; .summary == "Paint the therapist'"'"'s door with bill")'
run 0 asha set plan "title=Recovery from psychosis"
calendar asha
is .name "" "the title too"

step "hostile words"
run 0 asha plan new "Hostile, \"plan\"; \\ END:VCALENDAR"
GLOBAL="--plan $(get .plan)"
hostile asha
calendar asha --with-health-words
GLOBAL=""
is '.rows | length' 22
holds 'all(.rows[]; .day == "2031-05-31")' "no day was forged"
is .name 'Hostile, "plan"; \ END:VCALENDAR'
holds 'any(.rows[]; .summary == "\"quotes\", \"and; more\\\\, \\n\\;\"")' "escapes come back as they were"
holds 'any(.rows[]; .summary | contains("\\u{202e}txet denrut"))' "marks that turn text are seen"
holds 'any(.rows[]; (.summary | length) == 16384)' "the longest text is whole"
holds 'any(.rows[]; (.summary | length) == 8000 and (.summary | test("^é+$")))' "no fold inside a character"

step "used wrongly"
refused 2 usage asha export ics --todo=yes
as asha export calendar
equal 2 "$status" "exit status of a format that there is not"
alive asha
finish
