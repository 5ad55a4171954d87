# What has to be seen on an action is on the action, on every device and in any order of arrival: it needs someone, and who
# helps is told; it waits because two agreed pages differ; it uses what was taken back; a day that somebody cannot; a no
# to its risk.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

all_meet() { for pair in asha-bill bill-chen chen-asha asha-bill; do meet "${pair%-*}" "${pair#*-}"; done; }
# marks_are HOME ACTION "CODES" : what this home shows on an action
marks_are() {
    run 0 "$1" marks "$2"
    is '[.[].reasons[].code] | sort | join(" ")' "$3" "marks at $1's"
}

step "nothing to see to"
home asha "Asha"
home bill "Bill"
home chen "Chen"
run 0 asha plan new "The stall"
bring asha bill
bring asha chen
add asha action "Build the stall" "lead=Asha" "helpers+=Bill" "helpers+=Chen" "start=2031-04-01" "due=2031-05-01"
build=$id
add asha action "Paint the stall" "lead=Bill"
paint=$id
add asha action "Print leaflets" "lead=Chen"
print=$id
all_meet
early chen
run 0 asha marks
is length 0
run 0 asha show "$build"
is '.marks | length' 0
"$coplan" --home "$work/asha" marks >"$work/human" 2>&1
ok "in words" grep -q "nothing to see to" "$work/human"

step "what it uses was taken back; a day somebody cannot; the person it is about says no"
add bill resource "Timber" "amount=4" "unit=count"
timber=$id
add chen risk "Chen on the ladder" "about_person=Chen" "about+=$build"
risk=$id
all_meet
run 0 asha set "$build" "costs+=$timber:2"
run 0 bill set "$timber" "state=taken back"
run 0 bill set me "cannot_on+=2031-05-01"
run 0 chen rate "$risk" accepted_level not_ok
all_meet
same asha bill chen
dealt 4 asha bill chen
for who in asha bill chen dealt; do
    marks_are "$who" "$build" "date_clash risk_stopped taken_back_used"
    marks_are "$who" "$paint" ""
    run 0 "$who" show "$build"
    holds '.marks | any(contains("Bill cannot on 2031-05-01"))' "the day, at $who's"
    holds '.marks | any(contains("Timber") and contains("taken back"))' "the timber, at $who's"
    holds '.marks | any(contains("stopped by the person it is about: Chen"))' "the no, at $who's"
done
"$coplan" --home "$work/bill" show "$build" >"$work/human" 2>&1
ok "on the screen" grep -q '! .*Bill cannot on 2031-05-01' "$work/human"
run 0 bill set "$timber" "state=open"
run 0 bill set me "cannot_on-=2031-05-01"
run 0 chen rate "$risk" accepted_level ok
all_meet
marks_are asha "$build" ""

step "whoever leads it takes their answer back: it needs someone, and who helps is told"
run 0 asha freeze --stage agreement --anyway "a stall"
page=$(get .version)
all_meet
for who in asha bill chen; do run 0 "$who" sign "$page" --agree --will all; done
all_meet
run 0 asha agreement
is .result agreed
run 0 asha withdraw "$page"
all_meet
dealt 5 bill chen asha
for who in bill chen dealt; do
    marks_are "$who" "$build" needs_someone
    run 0 "$who" marks --mine
    is '[.[].id] | join(" ")' "$build" "told to who helps, at $who's"
    is '.[0].helpers | map(.name) | sort | join(" ")' "Bill Chen"
    run 0 "$who" agreement
    is '.needs_someone[0].helpers | map(.name) | sort | join(" ")' "Bill Chen" "by name, at $who's"
done
"$coplan" --home "$work/bill" agreement >"$work/human" 2>&1
ok "in words" grep -q "who helps with it: Bill" "$work/human"
run 0 asha sign "$page" --agree --will all
all_meet
marks_are bill "$build" ""

step "two halves apart each agree a page of their own: what differs waits, what is common carries on"
run 0 asha set "$paint" "details=In green"
run 0 asha freeze --stage agreement --anyway "a stall"
left=$(get .version)
run 0 bill set "$print" "due=2031-06-01"
run 0 bill freeze --stage agreement --anyway "a stall"
right=$(get .version)
all_meet
marks_are chen "$paint" ""
for who in asha bill chen; do
    for version in "$left" "$right"; do run 0 "$who" sign "$version" --agree --will all; done
done
all_meet
same asha bill chen
dealt 6 chen asha bill
for who in asha bill chen dealt; do
    marks_are "$who" "$paint" pages_differ
    marks_are "$who" "$print" pages_differ
    marks_are "$who" "$build" ""
    run 0 "$who" show "$paint"
    holds '.marks | any(contains("waits"))' "on the action, at $who's"
done
run 0 chen freeze --stage agreement --anyway "both together"
both=$(get .version)
all_meet
for who in asha bill chen; do run 0 "$who" sign "$both" --agree --will all; done
all_meet
for who in asha bill chen; do
    run 0 "$who" marks
    is length 0 "a page with both as parents ends it, at $who's"
done

step "what is not there, and what is no action"
refused_any 2 "not_found usage" asha marks 000000000000
refused_any 2 "not_found usage bad_kind" asha marks "$timber"
run 0 asha set "$print" "state=dropped"
run 0 asha show "$print"
holds 'has("marks") | not' "what was dropped asks nothing of anybody"
for who in asha bill chen dealt; do alive "$who"; done
finish
