# P1: why working together is worth it, and what happens if we do not; shown to every side that is here.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "nothing said, nothing shown"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The library"
bring asha bill
early bill
check_is 1 asha P1 no
reason nothing_of
reason not_presented

step "said in Easy Read: one idea a block, each with its picture; what nobody has said is said"
run 0 asha export why
holds 'contains("Why do this?") and contains("Nobody has written anything here yet.")' "an empty sheet says so"

step "a gain and what happens otherwise; each side must have been shown it"
add asha benefit "We sleep better"
add asha inaction "People stay away from the library"
run 0 asha export why --audience easy-read
holds '[scan("<div class=\"block\">")] | length == 2' "a block an idea"
holds '[scan("role=\"img\" aria-label=\"Picture: ")] | length == 2' "a picture a block"
run 0 asha note presented plan "Shown at the meeting" "format=easy_read"
check_is 0 asha P1 yes
run 0 asha set me "perspectives+=uses services"
run 0 bill set me "perspectives+=council"
meet bill asha
check_is 1 asha P1 no
reason not_presented_to
run 0 asha note presented plan "Shown" "to+=uses services"
check_is 1 asha P1 no
holds '.[0].why | length == 1' "only the council is left"
run 0 bill note presented plan "Shown to the council" "to+=council" "language=en"
meet bill asha
check_is 0 asha P1 yes
holds '.[0].records | length >= 4' "gain, inaction and both notes show it"

step "the same gain in two wordings made apart: both are kept, and both devices say the same"
add asha benefit "Less lonely"
add bill benefit "Fewer lonely people"
meet bill asha
same asha bill
dealt 1 asha bill
run 1 asha check
cp "$work/out" "$work/first"
run 1 bill check
ok "the whole report is the same on both" cmp -s "$work/first" "$work/out"
finish
