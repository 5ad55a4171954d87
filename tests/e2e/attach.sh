# Pictures and scanned forms: attached without what nobody sees in them, fetched by whoever asks, after a cut link where it broke,
# within the room there is, sealed on the disk, gone when taken back, and every wrong thing refused.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
command -v python3 >/dev/null || exit 77

# state HOME ID STATE : of an attachment, as its row says
state() {
    run 0 "$1" attachments
    is ".[] | select(.id == \"$2\") | .state" "$3" "state of the picture at $1"
}
# nothing HOME WORDS : no file of the home holds the bytes
nothing() {
    not "$2 in the files of $1" grep -r -a -l "$2" "$work/$1"
}

step "two people, a picture of 1.5 MiB, a photo of a phone, a paper"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "A garden"
bring asha bill
add asha action "Open the garden"
action=$id
python3 "$COPLAN_SRC/tests/e2e/_picture.py" png "$work/garden.png" 512
python3 "$COPLAN_SRC/tests/e2e/_picture.py" png "$work/small.png" 220
python3 "$COPLAN_SRC/tests/e2e/_picture.py" jpeg "$work/bench.jpg"
printf '%%PDF-1.4\nslip\n%%%%EOF\n' >"$work/slip.pdf"
printf 'A letter, PICTUREMARK.\n' >"$work/letter.txt"
[ "$(size "$work/garden.png")" -gt 1500000 ] || fatal "the picture is too small to be one"

step "refused: no words for it, no such thing, no such file, another type, broken, too big, a folder, a pipe"
refused 2 no_alt asha attach "$action" "$work/garden.png"
refused 2 no_alt asha attach "$action" "$work/garden.png" --alt "  "
refused 2 no_alt asha attach "$action" "$work/garden.png" --alt "$(printf '\302\240\342\200\213')"
refused 2 no_alt asha attach "$action" "$work/garden.png" --alt "$(printf 'a bench\033[2J')"
refused 2 not_found asha attach 0123456789ab "$work/garden.png" --alt "a garden"
refused 2 bad_file asha attach "$action" "$work/none.png" --alt "a garden"
refused 2 bad_file asha attach "$action" "$work" --alt "a garden"
mkfifo "$work/pipe"
refused 2 bad_file asha attach "$action" "$work/pipe" --alt "a garden"
printf 'GIF89a-and-so-on\0' >"$work/moving.gif"
refused 2 bad_picture asha attach "$action" "$work/moving.gif" --alt "a garden"
: >"$work/empty.png"
refused 2 bad_picture asha attach "$action" "$work/empty.png" --alt "a garden"
head -c 900000 "$work/garden.png" >"$work/half.png"
refused 2 bad_picture asha attach "$action" "$work/half.png" --alt "a garden"
head -c 150 "$work/bench.jpg" >"$work/half.jpg"
refused 2 bad_picture asha attach "$action" "$work/half.jpg" --alt "a bench"
head -c 5242881 /dev/zero | tr '\0' a >"$work/big.txt"
refused 2 big_picture asha attach "$action" "$work/big.txt" --alt "a long letter"
refused 2 bad_field asha attach "$action" "$work/letter.txt" --alt "a letter" --lang "no language"
refused 2 usage asha attach "$action" "$work/letter.txt" again --alt "a letter"
run 0 asha attachments
is length 0 "nothing of all that was attached"

step "attached: what nobody sees in them is left out"
run 0 asha attach "$action" "$work/garden.png" --alt "The garden as it is now"
garden=$(get .id)
is '.left_out[0]' other "the comment of the PNG"
run 0 asha attach "$action" "$work/bench.jpg" --alt "Mainc yn y parc" --lang cy
bench=$(get .id)
is '.left_out | join(" ")' "place other" "place and camera of the photo"
run 0 asha attach plan "$work/slip.pdf" --alt "The signed slip of Carys"
slip=$(get .id)
is .unseen true
refused 2 not_found asha attach "$garden" "$work/letter.txt" --alt "nothing goes with a picture"
run 0 asha save "$bench" "$work/bench.out"
not "what nobody sees" grep -q -a SECRETMARK "$work/bench.out"
ok "how colours are meant" grep -q -a ICC_PROFILE "$work/bench.out"
ok "the picture" grep -q -a shown "$work/bench.out"
run 0 asha save "$garden" "$work/garden.out"
not "the comment" grep -q -a SECRETMARK "$work/garden.out"
equal "$(($(size "$work/garden.png") - 29))" "$(size "$work/garden.out")" "all but the comment, byte for byte"
nothing asha PICTUREMARK
nothing asha SECRETMARK

step "pages say in words what it shows, and hostile words stay words"
run 0 asha attach "$action" "$work/letter.txt" --alt "<b>a *letter*</b> =cmd| $(printf '\342\200\256')turned"
for format in md html; do
    "$coplan" --home "$work/asha" export $format --out "$work/page.$format" >/dev/null 2>"$work/err" || bad "export $format"
    for one in "The garden as it is now" "Mainc yn y parc" "The signed slip of Carys"; do
        ok "$format: $one" grep -q "$one" "$work/page.$format"
    done
    not "$format: no tag of theirs" grep -q "<b>a" "$work/page.$format"
    not "$format: no mark that turns text" grep -q "$(printf '\342\200\256')" "$work/page.$format"
done

step "a file that is there is never written over; no name from a plan becomes one"
echo mine >"$work/mine"
refused 2 file_there asha save "$garden" "$work/mine"
equal mine "$(cat "$work/mine")" "the file that was there"
ln -s "$work/mine" "$work/link"
refused 2 file_there asha save "$garden" "$work/link"
refused 2 bad_file asha save "$garden" "$work/no/such/folder"
holds '.error.message | contains("(No such file or directory)")' "and why"
refused 2 not_found asha save "$action" "$work/action"

step "words first: Bill sees what there is, and nothing is sent that nobody asked for"
meet bill asha
same asha bill
state bill "$garden" not_here
run 0 bill show "$action"
is '.attachments | length' 3
is '.attachments[1].lang' cy
refused 3 not_whole bill save "$garden" "$work/bill.png"
not "no file is left behind" test -e "$work/bill.png"
refused 2 not_found bill fetch "$action"
refused 2 usage bill fetch --room many

step "asked for, and the link is cut in the middle: what came is kept, the rest follows, nothing twice"
run 0 bill fetch "$garden"
state bill "$garden" wished
address asha
python3 "$COPLAN_SRC/tests/e2e/_cut.py" "$address" 700000 >"$work/cut.port" &
cut=$!
until_true 10 test -s "$work/cut.port"
as bill sync "127.0.0.1:$(cat "$work/cut.port")"
equal 1 "$status" "a picture was cut off, and that is no success"
holds 'all(.[]; .in_sync and .cut)' "the words are all there"
wait "$cut"
until_true 10 sh -c "'$coplan' --home '$work/bill' --json attachments | jq -e '.[] | select(.id == \"$garden\") | .here > 3'"
state bill "$garden" partly
before=$(get ".[] | select(.id == \"$garden\") | .here")
pieces=$(get ".[] | select(.id == \"$garden\") | .pieces")
refused 3 not_whole bill save "$garden" "$work/bill.png"
meet bill asha
is '.[0].pieces' "$((pieces - before))" "only what was missing came"
state bill "$garden" here
run 0 bill save "$garden" "$work/bill.png"
ok "the same picture" cmp "$work/garden.out" "$work/bill.png"
nothing bill PICTUREMARK
state bill "$bench" not_here
same asha bill

step "the one who is called asks too; and all from now on"
run 0 bill fetch --all
state bill "$bench" wished
not "nobody is told to ask for it again" sh -c "'$coplan' --home '$work/bill' attachments | grep -q 'coplan fetch $bench'"
meet asha bill
state bill "$bench" here
state bill "$slip" here
run 0 bill fetch --only-asked
is .all false

step "full: said, not begun; with more room it comes"
run 0 bill fetch --room 2
is .room_mib 2
run 0 asha attach "$action" "$work/small.png" --alt "The garden once more"
second=$(get .id)
meet bill asha
refused 3 pictures_full bill fetch "$second"
refused 3 pictures_full bill attach "$action" "$work/small.png" --alt "mine"
run 0 bill fetch --all
state bill "$second" no_room
meet bill asha
state bill "$second" no_room
run 0 bill attachments
holds ".[] | select(.id == \"$second\") | .here == 0"
run 0 bill fetch --room 200
meet bill asha
state bill "$second" here

step "while the line stays open: what is attached now comes by itself, and what is asked for now at once; a backup holds it"
address asha
run 0 bill sync "$address" --stay
# here HOME ID : is it?
here() { "$coplan" --home "$work/$1" --json attachments | jq -e --arg id "$2" '.[] | select(.id == $id) | .state == "here"'; }
run 0 asha attach "$action" "$work/letter.txt" --alt "A letter"
letter=$(get .id)
ok "what all get" until_true 10 here bill "$letter"
run 0 bill fetch --only-asked
run 0 bill attach "$action" "$work/slip.pdf" --alt "A slip"
slip=$(get .id)
until_true 10 sh -c "'$coplan' --home '$work/asha' --json attachments | jq -e '.[] | select(.id == \"$slip\")'"
state asha "$slip" not_here
run 0 asha fetch "$slip"
ok "what was asked for" until_true 10 here asha "$slip"
run 0 bill sync --leave
run 0 bill backup "$work/bill.backup"
run 0 third restore "$work/bill.backup"
run 0 third save "$letter" "$work/letter.out"
ok "from a backup" cmp "$work/letter.txt" "$work/letter.out"
run 0 third daemon stop

step "taken back: gone on both machines, offered no more, wished for in vain"
run 0 asha daemon status
run 0 asha withdraw-words "$garden"
state asha "$garden" withdrawn
refused 2 no_words asha save "$garden" "$work/again.png"
meet bill asha
state bill "$garden" withdrawn
refused 2 no_words bill save "$garden" "$work/again.png"
refused 2 no_words bill fetch "$garden"
for one in asha bill; do
    run 0 "$one" daemon stop
    rows=$(sqlite3 "$work/$one/plan.db" "SELECT count(*) FROM attachment WHERE hex(id) = upper('$garden')" 2>/dev/null || echo 0)
    equal 0 "$rows" "rows of the picture at $one"
    nothing "$one" PICTUREMARK
    serve "$one"
done
state bill "$second" here
same asha bill
finish
