# What --out may write over: files of people's own, and nothing else. Nothing is done where the file cannot be made.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

home asha "Asha"
run 0 asha plan new "The garden"
add asha action "Dig"
cd "$work" || exit 1

step "nothing of which the home is made, by any name; files of one's own may lie beside it"
ln -s asha door
ln -s asha/keys key
mkdir asha/pages
for path in "$work/asha/keys" asha/keys asha/log asha/plan.db asha/plan.db-x asha/socket/x asha/private-x door/keys key \
    asha/pages/../lock ./../"$(basename "$work")"/asha/carrier; do
    refused 2 bad_file asha export csv --out "$path"
    refused 2 bad_file asha invite --out "$path"
done
refused 2 bad_file asha interests --out asha/keys
refused 2 bad_file asha guide --out asha/keys
run 0 asha export csv --out asha/logs.csv
run 0 asha export csv --out asha/logs.csv
run 0 asha export csv --out door/pages/x.csv
ok "there" cmp asha/logs.csv asha/pages/x.csv
rm -r asha/logs.csv asha/pages
run 0 asha daemon stop
run 0 asha daemon start
run 0 asha list
equal "" "$(ls asha | grep -E 'pages|new|-x|part')" "nothing new"

step "what a shell opened is written on, and the words before stay"
for path in /dev/stdout /dev/fd/1 /proc/self/fd/1 out.lnk; do
    printf 'old words\n' >all.csv
    ln -sf /dev/stdout out.lnk
    "$coplan" --home asha export csv --out "$path" >>all.csv 2>err
    equal 0 $? "$path"
    equal "old words" "$(head -n 1 all.csv)" "$path: the first line"
    ok "$path: the new ones" grep -q Dig all.csv
done
printf 'old words\n' >all.csv
"$coplan" --home asha export csv --out /dev/fd/5 5>>all.csv >/dev/null
equal "old words" "$(head -n 1 all.csv)" "another descriptor"
ok "the new ones" grep -q Dig all.csv
"$coplan" --home asha invite --out /dev/stderr 2>>all.csv >/dev/null
equal "old words" "$(head -n 1 all.csv)" "an invitation"
ok "a link" test -L out.lnk
run 0 asha invites
run 0 asha uninvite "$(get '.[0].id')"
printf 'old words\n' >all.csv
refused 2 bad_file asha export csv --out /dev/fd/0 </dev/null # opened to read
for path in /dev/stdout /dev/fd/1; do
    last="coplan backup $path"
    "$coplan" --home asha backup "$path" >>all.csv 2>err
    equal 2 $? "the daemon would write"
    "$coplan" --home asha bundle write "$path" >>all.csv 2>err
    equal 2 $? "the daemon would write"
done
equal "old words" "$(cat all.csv)" "nothing else"

step "a link stays a link, to the file that it names"
printf 'old words\n' >t.txt
mkdir far
ln -s ../t.txt far/link.csv
run 0 asha export csv --out far/link.csv
ok "still a link" test -L far/link.csv
ok "the words are where it leads" grep -q Dig t.txt
ln -s nowhere/x far/lost
refused 2 bad_file asha export csv --out far/lost
ok "still a link" test -L far/lost
equal "$(printf 'link.csv\nlost')" "$(ls far)" "nothing beside"

step "a pipe is written into, and what is neither file nor pipe stays"
mkfifo pipe
refused 2 bad_file asha export csv --out pipe # nobody reads it
cat pipe >read & reader=$!
until_true 10 sh -c "'$coplan' --home asha export csv --out pipe"
wait "$reader"
ok "what was read" grep -q Dig read
ok "still a pipe" test -p pipe
"$coplan" --home asha export csv --out /dev/null >/dev/null 2>&1
equal 0 $? "to nowhere"
ok "still a device" test -c /dev/null
refused 2 bad_file asha export csv --out far
ok "still a folder" test -d far

step "- is the screen where a page can go there, and no file of that name anywhere else"
"$coplan" --home asha export csv >plain
"$coplan" --home asha export csv --out - >dash
ok "as without" cmp plain dash
"$coplan" --home asha guide planning >plain
"$coplan" --home asha guide planning --out - >dash
ok "as without" cmp plain dash
run 0 asha freeze --stage comment
page=$(get .version)
refused 2 usage asha invite --out -
refused 2 usage asha hand-out "$page" --who Asha --out -
refused 2 usage asha proof "$page" --out -
refused 2 usage asha backup -
refused 2 usage asha bundle write -
ok "no such file" test ! -e ./-

step "an invitation that stands in no file is none"
run 0 asha invites
before=$(get length)
refused 2 bad_file asha invite --out far
refused 2 bad_file asha invite --out no/such/folder/x
run 0 asha invites
is length "$before" "as many as before"
if [ -c /dev/full ]; then
    refused_any 3 disk_full asha invite --out /dev/full
    ok "still a device" test -c /dev/full
    run 0 asha invites
    holds 'all(.[]; .used or .withdrawn)' "taken back"
fi

step "the recovery sheet is not lost with stdout, and a command says that it may be done"
# lost WHAT COMMAND... : its stdout cannot be written
lost() {
    last=$*
    checks=$((checks + 2))
    if [ -c /dev/full ]; then
        "$coplan" "$@" >/dev/full 2>err </dev/null
        [ $? -eq 3 ] || bad "a full disk: expected exit 3"
    else
        "$coplan" "$@" >&- 2>err </dev/null
    fi
    grep -q "may be done" err || bad "it does not say that it may be done"
}
lost --home full init --name Full --no-passphrase
sheet=$(grep -E '^[0-9A-Z]+(-[0-9A-Z]+)+$' err)
differ "" "$sheet" "the letters"
lost --home full person add --name Second --no-passphrase
differ "" "$(grep -E '^[0-9A-Z]+(-[0-9A-Z]+)+$' err)" "the letters of the second"
lost --home full --json person add --name Third --no-passphrase --sheet third.html
equal "" "$(grep -E '^[0-9A-Z]+(-[0-9A-Z]+)+$' err)" "the page has them"
ok "a page" test -s third.html
"$coplan" --home closed init --name Closed --no-passphrase >&- 2>err </dev/null
equal 3 $? "stdout is closed"
differ "" "$(grep -E '^[0-9A-Z]+(-[0-9A-Z]+)+$' err)" "the letters"
run 0 full status
lost --home asha add action "Full disk"
equal "" "$(grep -E '^[0-9A-Z]+(-[0-9A-Z]+)+$' err)" "no letters of anything else"

step "no proof where the home has something of its own"
refused 2 bad_file asha proof "$page" --out asha/restore.ready
ok "no such folder" test ! -e asha/restore.ready
run 0 asha proof "$page" --out "$work/proof"

step "every name that a used home has, and those that it has for a moment, and by every command"
home bel Bel
run 0 asha need --private "For me alone"
run 0 asha backup "$work/asha.bak"
run 0 asha daemon stop
run 0 asha restore "$work/asha.bak" --set-aside
run 0 asha private list
run 0 asha need --private "And this"
"$copland" --carrier --home "$work/box" --listen 127.0.0.1:0 >/dev/null
run 0 box daemon stop
names=$( (ls -A asha && ls -A box) | sort -u)
for name in keys private- plan.db plan.db-wal lock socket log before-restore-1 carrier; do
    ok "$name is there" sh -c "echo '$names' | grep -q '^$name'"
done
rm asha/*.html 2>/dev/null
for name in $names keys.new log.old plan.db-journal plan.db-shm plan.db.marker carried carried.part-abcdef carrying carrying.part-abcdef \
    carrier.part-abcdef piles piles/x restore.part restore.ready private-0123456789abcdef.new; do
    refused 2 bad_file asha guide planning --out "asha/$name"
done
run 0 asha invite --out "$work/inv"
for name in plan.db-journal private-x keys.new; do
    refused 2 bad_file bel join "$work/inv" --name Bel --out "$work/bel/$name"
    refused 2 bad_file asha backup "asha/$name"
    refused 2 bad_file asha bundle write "asha/$name"
    refused 2 bad_file asha person add --name Cy --no-passphrase --sheet "asha/$name"
    ok "no $name" test ! -e "asha/$name" -a ! -e "bel/$name"
done
mkdir early
refused 2 bad_file early init --name Early --no-passphrase --sheet "$work/early/keys"
run 0 early init --name Early --no-passphrase --sheet "$work/early/sheet.html"

step "verify and the guide to a stage need no HOME; a home that is named is still nothing to write into"
# bare COMMAND... : nothing in the environment
bare() { env -i ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} "$coplan" "$@" </dev/null; }
bare --json verify "$work/proof" >out 2>err
equal 0 $? "a good proof"
is .result good "a good proof"
ok "the guide" bare guide planning
bare list >out 2>err
equal 2 $? "a list needs a home"
refused 2 bad_file asha guide planning --out asha/keys
finish
