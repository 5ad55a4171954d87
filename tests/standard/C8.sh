# C8: making a difference: a chosen idea rests on evidence or on what we hold dear (K2, K3), and we see whether it worked.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "a chosen idea that rests on nothing is listed"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The walk"
bring asha bill
early bill
check_is 1 asha C8 no
reason no_option_chosen
add asha option "Walk together" "state=chosen"
option=$id
add asha option "Walk alone"
other=$id
check_is 1 asha C8 no
reason rests_on_nothing
holds ".[0].records | index(\"$option\") != null" "by its id"
holds ".[0].records | index(\"$other\") == null" "and not one that nobody chose"
add asha evidence "Walking helps" "source=A study" "read_on=2031-01-01"
evidence=$id
run 0 asha set "$option" "evidence+=$evidence"
check_is 0 asha C8 yes
run 0 asha set "$option" "evidence-=$evidence"
check_is 1 asha C8 no
add asha value "Nobody walks alone" "about+=$option"
check_is 0 asha C8 yes
run 0 asha check K2 K3
holds 'map(.criterion) | sort == ["K-A", "K-B"]' "the points it shows"

step "did it work? measured before, wanted, and each reading; two of one day are both kept"
add asha action "Walk on Sundays" "measure=People who come" "baseline=2" "target=12" "measure_unit=people"
action=$id
meet bill asha
run 0 asha readings "$action"
is '.[0].readings | length' 0
run 0 asha note progress "$action" "We counted" "value=5" "on=2031-03-02"
run 0 asha note progress "$action" "At the gate" "value=8" "on=2031-03-09"
run 0 bill note progress "$action" "At the pond" "value=7" "on=2031-03-09"
meet bill asha
same asha bill
dealt 2 asha bill
for who in asha bill dealt; do
    run 0 "$who" readings
    is '[.[0].readings[] | .on + " " + .value] | .[0]' "2031-03-02 5" "the first day, at $who's"
    is '[.[0].readings[1:][] | select(.on == "2031-03-09") | .value] | sort | join(" ")' "7 8" "both of one day, at $who's"
    is '.[0] | [.measure, .baseline, .target, .unit] | join("; ")' "People who come; 2; 12; people"
done
"$coplan" --home "$work/bill" readings "$action" >"$work/human" 2>&1
equal 3 "$(grep -c '##' "$work/human")" "bars"
ok "the longest is not the last by chance" grep -q '8.*####################' "$work/human"

step "what is no number is shown as it is"
run 0 asha note progress "$action" "Hm" "value=$(printf 'lots \342\200\256of=1+1')" "on=2031-04-01"
"$coplan" --home "$work/asha" readings >"$work/human" 2>&1
ok "marks are shown" grep -q 'lots .*u{202e}of=1+1' "$work/human"
refused_any 2 "not_found usage bad_kind" asha readings "$option"
refused_any 2 "not_found usage" asha readings 000000000000
finish
