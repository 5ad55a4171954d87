# Tables in and out: what cannot be taken in is refused with the line and the reason, and nothing of it stays;
# what is taken in comes out again byte for byte.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

home asha "Asha"
run 0 asha plan new "Tables"
add asha need "This was here before"

# turned_down WHAT "CODES" FILE [WORD] : refused, with a word about where or why; nothing is added
turned_down() {
    step "turned down: $1"
    run 0 asha digest
    before=$(jq -c . "$work/out")
    refused_any 2 "$2" asha import "$3"
    if [ -n "${4:-}" ]; then
        checks=$((checks + 1))
        get '.error.message, (.error.reasons // [] | .[] | tostring)' | grep -q -i -e "$4" || bad "the message does not say '$4'"
    fi
    run 0 asha digest
    equal "$before" "$(jq -c . "$work/out")" "digest after the refusal"
    alive asha
}
# taken NAME ROWS FILE : imported, exported, imported elsewhere, exported again: the same bytes each time
taken() {
    step "taken in: $1"
    run 0 asha plan new "For $1"
    plan=$(get .plan)
    GLOBAL="--plan $plan"
    run 0 asha import "$3"
    run 0 asha list action
    is length "$2" "actions after importing $1"
    run 0 asha export csv --out "$work/once.csv"
    ok "exported: the bytes that came in" cmp "$3" "$work/once.csv"
    run 0 asha plan new "Again $1"
    GLOBAL="--plan $(get .plan)"
    run 0 asha import "$work/once.csv"
    run 0 asha export csv --out "$work/twice.csv"
    ok "imported elsewhere and exported again: the same bytes" cmp "$work/once.csv" "$work/twice.csv"
    GLOBAL=""
    alive asha
}
file="$work/in.csv"

printf 'who,when\r\nAsha,May\r\n' >"$file"
turned_down "no column for the action's words" bad_csv "$file" "who.*when"
: >"$file"
turned_down "an empty file" "bad_csv bad_file" "$file"
printf '\r\n\r\n' >"$file"
turned_down "a file of empty lines" "bad_csv bad_file" "$file"
printf 'what,who\r\nWalk,Asha\r\nRun\r\n' >"$file"
turned_down "a row with too few cells" bad_csv "$file" 3
printf 'what,who\r\nWalk,Asha\r\nRun,Bill,Chen\r\n' >"$file"
turned_down "a row with too many cells" bad_csv "$file" 3
printf 'what,who\r\nWalk,"Asha\r\nRun,Bill\r\n' >"$file"
turned_down "a quote that never ends" bad_csv "$file"
printf 'what,who\r\nWalk,"Asha"x\r\n' >"$file"
turned_down "words after a closing quote" bad_csv "$file" 2
printf 'what,who\r\nWalk \377 far,Asha\r\n' >"$file"
turned_down "a byte that is no UTF-8" "bad_csv bad_text" "$file" 2
printf 'what,who\r\nWalk \355\240\200 far,Asha\r\n' >"$file"
turned_down "half a surrogate pair" "bad_csv bad_text" "$file" 2
printf 'what,who\r\nWalk \300\257 far,Asha\r\n' >"$file"
turned_down "an overlong form" "bad_csv bad_text" "$file" 2
printf 'what,who\r\nWalk\0 far,Asha\r\n' >"$file"
turned_down "a zero byte" "bad_csv bad_text" "$file"
awk 'BEGIN { printf "what,who\r\n"; for (i = 0; i < 20000; i++) printf "x"; printf ",Asha\r\n" }' >"$file"
turned_down "a cell of 20,000 characters" "bad_csv too_big bad_field" "$file"
awk 'BEGIN { printf "what,who\r\n"; for (i = 1; i <= 3000; i++) printf "Walk %d,Asha\r\n", i; printf "\377,Asha\r\n" }' >"$file"
turned_down "a bad byte in the last of 3,001 rows" "bad_csv bad_text" "$file" 3002
awk 'BEGIN { printf "what"; for (i = 0; i < 5000; i++) printf ",c%d", i; printf "\r\nWalk"; for (i = 0; i < 5000; i++) printf ",x"
    printf "\r\n" }' >"$file"
turned_down "5,001 columns" "bad_csv too_big bad_field" "$file"
refused_any 2 "bad_file" asha import "$work/nowhere.csv"
refused_any 2 "bad_file bad_csv" asha import "$work"
refused_any 2 "usage" asha import "$file" --as pictures

step "control characters"
printf 'what,who\r\nWalk \033[2Jfar \007 and back,Asha\r\n' >"$file"
run 0 asha plan new "Controls"
GLOBAL="--plan $(get .plan)"
as asha import "$file"
checks=$((checks + 1))
case $status in
0)
    run 0 asha export csv --out "$work/once.csv"
    ok "control characters come out as they went in" cmp "$file" "$work/once.csv"
    # shellcheck disable=SC2086
    "$coplan" --home "$work/asha" $GLOBAL list action >"$work/screen" 2>&1
    not "no escape reaches the screen" sh -c "LC_ALL=C grep -q \"\$(printf '\\033')\" '$work/screen'"
    ;;
2) is .error.code bad_csv ;;
*) bad "control characters: exit $status, expected 0 or 2" ;;
esac
GLOBAL=""
alive asha

taken "our own plan" 4 "$data/garden.csv"
printf 'title,due,"a ""quoted"" name","x,y",title\r\n"a, b",2027-01-31,"say ""hello""",,again\r\n"two\r\nlines",2027-02-28,plain,\303\251,\r\n' >"$file"
taken "quotes, commas, line ends, a double name" 2 "$file"
awk 'BEGIN { printf "action,notes\r\nWalk,"; for (i = 0; i < 3000; i++) printf "%d", i % 10; printf "\r\n"
    for (i = 0; i < 3000; i++) printf "%d", i % 10; printf ",long words\r\n" }' >"$file"
taken "cells of 3,000 characters" 2 "$file"
awk 'BEGIN { printf "who,action,when\r\n"; for (i = 1; i <= 10000; i++)
    printf "Neighbour %d,Walk number %d,week %d\r\n", i % 40, i, i % 52 }' >"$file"
taken "10,000 rows" 10000 "$file"
printf 'action,number\r\nWalk,1\r\nWalk,1\r\nWalk,2\r\n' >"$file"
taken "the same row twice" 3 "$file"

step "the export carries what was changed since"
run 0 asha plan new "Changed"
GLOBAL="--plan $(get .plan)"
run 0 asha import "$data/garden.csv"
run 0 asha list action
first=$(get '.[0].id')
run 0 asha set "$first" "csv:notes=Ask, \"nicely\"" "text=Put three benches"
run 0 asha export csv --out "$work/changed.csv"
ok "the new words are in it" grep -q '^Put three benches,Bill,.*"Ask, ""nicely"""' "$work/changed.csv"
equal "$(head -1 "$data/garden.csv")" "$(head -1 "$work/changed.csv")" "column names"
run 0 asha export json --out "$work/plan.json"
ok "json is json" jq -e . "$work/plan.json"
run 0 asha export md --out "$work/plan.md"
ok "md has the words" grep -q "Put three benches" "$work/plan.md"
refused_any 2 "usage not_here" asha export cuneiform
refused_any 2 "bad_file io_error" asha export csv --out "$work/no/such/folder/x.csv"

step "json in: a plan exported is taken in elsewhere"
run 0 asha plan new "From json"
GLOBAL="--plan $(get .plan)"
run 0 asha import "$work/plan.json" --as json
run 0 asha list action
is length 4 "actions from json"
holds 'any(.[]; .text == "Put three benches")' "with their words"
printf '{"not": "ours"' >"$work/broken.json"
refused_any 2 "bad_file" asha import "$work/broken.json" --as json
alive asha
finish
