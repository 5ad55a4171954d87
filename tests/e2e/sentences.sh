# What a refusal says: what was typed, and where to look; and what screens say where there is nothing to tell.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# told PATTERN STATUS HOME COMMAND... : ends like this, and the screen says so
told() {
    told_pattern=$1
    told_status=$2
    told_home=$3
    shift 3
    last="coplan --home $told_home $*"
    "$coplan" --home "$work/$told_home" "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    equal "$told_status" "$status" "exit status of $1"
    ok "$1 says '$told_pattern'" grep -q -e "$told_pattern" "$work/out" "$work/err"
}

home asha Asha
home bill Bill
run 0 asha plan new "A garden"
bring asha bill
add asha someone "Mr O'Neill"
someone=$id
add asha action "Plant trees" "lead=Asha"
action=$id
add asha action "Another one"
other=$id
complete asha "$action" Asha Bill
complete asha "$other" Bill Asha
meet bill asha
run 0 asha freeze --stage agreement --anyway "for the test"
page=$(get .version)

step "what was typed, not what the option is called"
told "say standard, easy-read, large or aloud" 2 asha sign "$page" --agree --read-as easyread
told "nobody called that in this plan: Bob" 2 asha mandate --to Bob --until 2099-12-31
told "not a day that fits here: 31/12/2099. Write it like this: YYYY-MM-DD" 2 asha mandate --to Bill --until 31/12/2099
told "an action that you named is not on it" 2 asha sign "$page" --agree --will 00000000
told "at least its first six letters" 2 asha set "$(printf %.5s "$action")" why=x

step "notes"
told "no kind of note called that: coment.*coplan note --help" 2 asha note coment "$action" "I like it"
not "a kind that is not typed by hand is not offered" grep -q checked "$work/err"
told "it cannot be empty" 2 asha note comment "$action" ""

step "where there is nothing to tell yet"
told "We have not looked together yet" 0 asha review
run 0 asha note progress "$action" "All planted" status=done
told "done:" 0 asha review
not "of what is done nobody is asked how it goes" grep -q "Plant trees.*we do not know" "$work/out"
run 0 asha set "$action" "helpers=$someone"
told "O'Neill  (without a device)" 0 asha who
not "he is in it" grep -q "not in this plan" "$work/out"

finish
