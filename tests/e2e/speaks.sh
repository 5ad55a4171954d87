# What a proxy thinks for somebody: only with a mandate for every page, about how much risk is all right only where it says so, and
# only until the person says it themself.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# view WHO ID MEASURE : Bill's view there as value:by
view() {
    run 0 "$1" show "$2"
    get ".views[] | select(.person == \"$person_bill\" and .measure == \"$3\") | \"\(.value):\(.by.name // \"\")\""
}

step "Bill and his sister Asha"
home bill "Bill"
home asha "Asha"
run 0 asha plan new "A garden"
bring asha bill
add asha priority "A quiet garden"
garden=$id
add asha risk "It gets loud" "about_person=Bill"
risk=$id
meet bill asha

step "not without a mandate"
refused 2 no_mandate asha rate "$garden" importance 4 --for Bill
refused 2 usage asha rate "$garden" importance 4 --for Asha
refused 2 not_found asha rate "$garden" importance 4 --for Nobody
run 0 bill mandate --to Asha --until 2099-12-31
plain=$(get .mandate)
meet asha bill
run 0 asha rate "$garden" importance 1
run 0 asha rate "$garden" importance 3 --for Bill
run 0 asha rate "$garden" importance 4 --for Bill
"$coplan" --home "$work/asha" show "$garden" >"$work/shown" 2>&1
ok "said on the screen" grep -q "Bill: importance 4, by Asha for Bill" "$work/shown"
equal "4:Asha" "$(view asha "$garden" importance)" "one of them, the later"
is '.views | length' 2 "beside Asha's own"
refused 2 no_mandate asha rate "$risk" accepted_level not_ok --for Bill

step "what Bill says himself goes before it, before and after meeting"
run 0 bill rate "$garden" importance 2
meet bill asha
equal "2:" "$(view asha "$garden" importance)" "at Asha's"
equal "2:" "$(view bill "$garden" importance)" "at Bill's"
same asha bill

step "how much risk is all right, where the mandate says so; and no longer once it is taken back"
run 0 bill mandate --to Asha --until 2099-12-31 --with-accepted-level
level=$(get .mandate)
meet asha bill
run 0 asha rate "$risk" accepted_level not_ok --for Bill
equal "not_ok:Asha" "$(view asha "$risk" accepted_level)" "at Asha's"
run 0 bill withdraw-mandate "$level"
meet bill asha
equal "" "$(view asha "$risk" accepted_level)" "taken back"
equal "" "$(view bill "$risk" accepted_level)" "taken back"
run 0 bill withdraw-mandate "$plain"
meet bill asha
same asha bill
refused 2 no_mandate bill rate "$garden" importance 1 --for Asha
finish
