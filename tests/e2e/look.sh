# Looking in other ways: sources past their day, what each side says, five questions about an action, look-alikes, and the
# next day of what repeats.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

home asha Asha
home bill Bill
run 0 asha plan new "Looking"
bring asha bill

step "sources past their day, the longest passed first"
add asha evidence "New" check_again_on=2032-01-01 source=Ours
add asha evidence "Older" check_again_on=2031-05-01
add asha evidence "Oldest" check_again_on=2030-05-01
add asha evidence "Never looked at again"
run 0 asha list --stale --on 2031-12-31
is '[.[].text] | join(",")' Oldest,Older
run 0 asha list evidence --stale --on 2032-01-01
is length 2 "on the day itself it is not past"
run 0 asha list --stale --on 2032-01-02
is length 3
refused 2 bad_value asha list --stale --on 2031-02-30
refused 2 usage asha list action --stale
refused 2 usage asha list --stale --by-perspective
refused 2 usage asha list --on 2031-01-01
run 0 asha list --kind evidence
is length 4

step "what each side says, with those who are not here yet"
run 0 asha set plan "perspectives_needed+=carer" "perspectives_needed+=council"
run 0 asha set me "perspectives+=carer"
add asha strength "I know everyone in the street"
meet asha bill
for who in asha bill; do
    run 0 "$who" list --kind strength --by-perspective
    is '[.[].perspective] | sort | join(",")' carer,council
    is '.[] | select(.perspective == "council") | .somebody' false
    is '.[] | select(.perspective == "carer") | [.somebody, .hidden, (.items | length), .count] | join(" ")' "true true 0 0" "who carers are is not told"
done
"$coplan" --home "$work/bill" list --kind strength --by-perspective >"$work/screen" 2>&1
ok "said in words" grep -q "no one yet" "$work/screen"
run 0 asha note consent plan yes scope=perspective given=yes
meet asha bill
run 0 bill list strength --by-perspective
is '.[] | select(.perspective == "carer") | .items[0].text' "I know everyone in the street" "after their yes"
refused 2 bad_kind bill list nonsense --by-perspective

step "five questions about an action"
add asha priority "A safer street" state=chosen
street=$id
add asha action "Liaise with partners"
vague=$id
run 0 asha prompts "$vague"
is '[.[] | [.prompt, .yes] | join(" ")] | join(", ")' "clear false, tell false, can false, helps false, when false"
is '[.[].reasons[].code] | join(",")' no_details,vague,no_measure,no_lead,helps_nothing,no_due
run 0 asha set "$vague" "details=Ring the school each Monday" "measure=They have answered" lead=Asha "serves+=$street" due=2031-05-01
run 0 asha prompts "$vague"
holds 'length == 5 and all(.[]; .yes)'
"$coplan" --home "$work/asha" prompts "$vague" >"$work/screen" 2>&1
ok "in plain words" grep -q "Can we tell when it is done? Yes." "$work/screen"
refused 2 not_found asha prompts "$street"
refused_any 2 "not_found usage" asha prompts zzzzzz

step "look-alikes are a hint and nothing more"
add asha option "Ask the council for a crossing" "for+=$street"
one=$id
meet asha bill
add bill option "Ask our council for a crossing" "for+=$street"
add asha option "Paint the road" "for+=$street"
meet asha bill
for who in asha bill; do
    as "$who" check P5
    is '[.[0].reasons[] | select(.code == "looks_alike") | .weight] | join(",")' remark
done
add asha action "Write to the council" "from+=$one"
add bill action "Write to the council!" "from+=$one"
two=$id
as bill check P8.2
is '[.[0].reasons[] | select(.code == "looks_alike")] | length' 0 "before they meet there is one"
meet asha bill
as asha check P8.2
is '[.[0].reasons[] | select(.code == "looks_alike")] | length' 1
run 0 asha list action
first=$(get '[.[] | select(.text == "Write to the council")][0].id')
run 0 asha set "$two" "same_as+=$first"
as asha check P8.2
is '[.[0].reasons[] | select(.code == "looks_alike")] | length' 0 "somebody has said that they are the same"

step "the next day of what repeats, and who is asked and told"
add asha action "Meet in the hall" repeats=monthly start=2031-01-31 "consulted+=Bill" "informed+=Asha"
hall=$id
next() {
    run 0 asha review --on "$1"
    is "[.[] | select(.id == \"$hall\") | [.section, .next] | join(\" \")] | join(\", \")" "$2" "on $1"
}
next 2031-01-01 ""
next 2031-01-20 "due soon 2031-01-31"
next 2031-02-20 "due soon 2031-02-28"
next 2031-03-01 ""
next 2031-03-20 "due soon 2031-03-31"
next 2096-02-28 "due soon 2096-02-29"
run 0 asha set "$hall" repeats=weekly
next 2031-02-01 "due soon 2031-02-07"
next 2031-02-07 "due soon 2031-02-07"
run 0 asha set "$hall" due=2031-06-01
next 2031-05-31 "due soon "
run 0 asha set "$hall" "repeats=when the moon is full"
next 2031-02-01 ""
"$coplan" --home "$work/asha" show "$hall" >"$work/screen" 2>&1
ok "who is asked first" grep -q "who we ask first: Bill" "$work/screen"
ok "who is told" grep -q "who we tell: Asha" "$work/screen"
finish
