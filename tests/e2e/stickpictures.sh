# Pictures by stick: the file of whoever asks says so, the next one by somebody who has it brings it; --pictures brings all; nobody
# keeps what they did not ask for, words come before pictures, and a torn, full or hostile stick harms nothing.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
command -v python3 >/dev/null || exit 77

stick="$work/stick"
mkdir "$stick"
# state HOME ID STATE : of an attachment, as its row says
state() {
    run 0 "$1" attachments
    is ".[] | select(.id == \"$2\") | .state" "$3" "state of the picture at $1"
}

step "three people who never meet again after they came in, two pictures"
for who in asha bill chen; do
    home "$who" "$who"
done
run 0 asha plan new "A garden"
bring asha bill
bring asha chen
add asha action "Open the garden"
action=$id
python3 "$COPLAN_SRC/tests/e2e/_picture.py" png "$work/garden.png" 150
printf 'A letter, PICTUREMARK.\n' >"$work/letter.txt"
run 0 asha attach "$action" "$work/garden.png" --alt "The garden as it is now"
garden=$(get .id)
run 0 asha attach "$action" "$work/letter.txt" --alt "A letter"
letter=$(get .id)

step "nobody asked: words alone, and it is said that there are pictures"
run 0 asha stick "$stick"
is .wrote.pieces 0
is .wrote.pictures true
run 0 bill stick "$stick"
is .pieces 0
is .unasked 0
state bill "$garden" not_here
parts=$(get '.[0].pieces')

step "asked for: the stick says so, and the next one brings it, to nobody else"
run 0 bill fetch "$garden"
state bill "$garden" wished
run 0 bill stick "$stick"
run 0 asha stick "$stick"
is .wrote.pieces "$parts" "the parts of it"
not "the stick holds no letter" grep -r -a -q PICTUREMARK "$stick"
run 0 chen stick "$stick"
is .pieces 0 "chen did not ask"
is .unasked 1 "and is told"
state chen "$garden" not_here
run 0 bill stick "$stick"
is .pieces "$parts"
is .unasked 0
state bill "$garden" here
run 0 bill save "$garden" "$work/bill.png"
run 0 asha save "$garden" "$work/asha.png"
ok "the same picture" cmp "$work/asha.png" "$work/bill.png"
run 0 asha stick "$stick"
is .wrote.pieces 0 "bill said that he has it"
run 0 bill stick "$stick"
is .pieces 0 "nothing twice"

step "one file that all write in turn: what chen asks for stays in it until asha has read it, and the picture until chen has"
run 0 chen fetch "$letter"
run 0 chen bundle write "$work/one.coplan"
run 0 bill bundle read "$work/one.coplan"
run 0 bill bundle write "$work/one.coplan"
is .kept 1 "what chen asks for"
run 0 asha bundle read "$work/one.coplan"
run 0 asha bundle write "$work/one.coplan"
is .pieces 1
run 0 bill bundle read "$work/one.coplan"
is .unasked 1
run 0 bill bundle write "$work/one.coplan"
is '.kept > 0' true "what chen was brought"
run 0 chen bundle read "$work/one.coplan"
is .pieces 1
state chen "$letter" here

step "torn out in the middle: what came is kept, and the rest is asked for"
run 0 chen fetch "$garden"
run 0 chen bundle write "$work/ask.coplan"
run 0 asha bundle read "$work/ask.coplan"
run 0 asha bundle write "$work/whole.coplan" --for chen
is .pieces "$parts"
head -c 200000 "$work/whole.coplan" >"$work/torn.coplan"
run 0 chen bundle read "$work/torn.coplan"
is .damaged 1
holds ".pieces > 0 and .pieces < $parts"
had=$(get .pieces)
state chen "$garden" partly
run 0 chen bundle write "$work/ask.coplan"
run 0 asha bundle read "$work/ask.coplan"
run 0 asha bundle write "$work/rest.coplan" --for chen
is .pieces $((parts - had)) "only what is missing"
run 0 chen bundle read "$work/rest.coplan"
state chen "$garden" here
run 0 chen save "$garden" "$work/chen.png"
ok "the same picture" cmp "$work/asha.png" "$work/chen.png"

step "--pictures: all of them, asked for or not; each keeps what they asked for, within their room"
run 0 asha attach plan "$work/garden.png" --alt "Once more"
second=$(get .id)
run 0 asha bundle write "$work/all.coplan" --pictures
is .pieces $((2 * parts + 1))
run 0 bill bundle read "$work/all.coplan"
is .pieces 0
is .unasked 2 "the letter and the second picture"
run 0 bill fetch "$second"
run 0 bill bundle read "$work/all.coplan"
is .pieces "$parts"
is .unasked 1
state bill "$second" here
run 0 chen fetch --all --room 0
run 0 chen bundle read "$work/all.coplan"
is .no_room 1
is .pieces 0
run 0 chen fetch --room 200
run 0 chen bundle read "$work/all.coplan"
is .pieces "$parts"

step "taken back: on no stick any more, and not taken from an old one"
run 0 bill fetch "$letter"
run 0 bill bundle write "$work/ask.coplan" --for asha
run 0 asha bundle read "$work/ask.coplan"
run 0 asha bundle write "$work/old.coplan" --for bill
is .pieces 1 "the letter, for bill"
run 0 asha withdraw-words "$letter"
run 0 asha bundle write "$work/new.coplan" --pictures
is .pieces $((2 * parts)) "the letter is not in it"
run 0 bill bundle read "$work/new.coplan"
run 0 bill bundle read "$work/old.coplan"
is .pieces 0
state bill "$letter" withdrawn
not "the letter" grep -r -a -q PICTUREMARK "$work/bill"

step "a stick with too little room: the words are on it, and it is said"
run 0 asha daemon stop
mkdir "$work/tiny"
if unshare -rm true 2>/dev/null && unshare -rm sh -c "mount -t tmpfs -o size=256k none '$work/tiny' || exit 9
        '$coplan' --home '$work/asha' --json bundle write '$work/tiny/a.coplan' --pictures >'$work/out' 2>&1
        echo \$? >'$work/tiny.status'
        ls '$work/tiny' >'$work/tiny.ls'
        cp '$work/tiny/a.coplan' '$work/tiny.coplan'
        '$coplan' --home '$work/asha' --json daemon stop >/dev/null 2>&1"; then
    equal 0 "$(cat "$work/tiny.status")" "exit status"
    is .no_room true
    is .pieces 0
    is '.entries > 0' true
    equal a.coplan "$(cat "$work/tiny.ls")" "nothing else is left on it"
    serve asha
    run 0 chen bundle read "$work/tiny.coplan"
    is .damaged 0
else
    echo "   (no namespace of our own here: left out)"
    serve asha
fi

step "all the words are everywhere"
for who in asha bill chen asha bill; do
    run 0 "$who" stick "$stick"
done
same asha bill
finish
