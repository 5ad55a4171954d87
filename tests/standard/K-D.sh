# K-D: what gets in the way and who could help: each obstacle has a type, and strengths and resources of that type are offered to it.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/standard/_lib.sh"

step "an obstacle that nobody sorted, then one that nothing fits, then one that somebody could help with"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The cafe"
bring asha bill
early bill
check_is 1 asha K-D no
add asha obstacle "Forms"
obstacle=$id
check_is 1 asha K-D no
reason obstacle_no_type
run 0 asha set "$obstacle" "type=rules"
check_is 0 asha K-D "needs people"
reason who_could_help
"$coplan" --home "$work/asha" match >"$work/human" 2>&1
ok "it asks who could" grep -q "who here could help with this?" "$work/human"
add asha strength "Reads forms" "type=rules"
strength=$id
check_is 0 asha K-D yes
run 0 asha match
is '.[0].offers[0].id' "$strength"
is '.[0].offers[0].name' Asha "whose it is"
run 0 asha set "$strength" "state=taken back"
check_is 0 asha K-D "needs people"
run 0 asha set "$strength" "state=open"

step "a strength that nobody sorted is a skill; money is money, minutes are time"
add asha obstacle "Nobody can bake" "type=skills"
bake=$id
add asha obstacle "Rent" "type=money"
rent=$id
add asha obstacle "No evenings" "type=time"
evenings=$id
meet bill asha
add bill strength "Bakes bread"
bread=$id
add bill resource "Small grant" "amount=5000" "unit=pence"
grant=$id
add bill resource "Bill's Sundays" "amount=180" "unit=minutes"
sundays=$id
run 0 asha set "$obstacle" "way_round=Ask the council to fill them in with us"
meet bill asha
same asha bill
dealt 2 asha bill
for who in asha bill dealt; do
    run 0 "$who" match
    for pair in "$bake $bread" "$rent $grant" "$evenings $sundays"; do
        holds "any(.[]; .obstacle == \"${pair% *}\" and (.offers | map(.id)) == [\"${pair#* }\"])" "a pair, at $who's"
    done
    check_is 0 "$who" K-D yes
    run 0 "$who" show "$obstacle"
    is '.fields.way_round' "Ask the council to fill them in with us" "a way round, at $who's"
done

step "what is gone or accepted needs nobody"
run 0 asha set "$rent" "state=gone"
run 0 asha match
holds "all(.[]; .obstacle != \"$rent\")"
finish
