# Words taken back by their author: erased on three machines, an offline conflict, proofs that still hold, refusals, and
# kill -9 in the middle of erasing.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_proof.sh"

gone="words withdrawn by their author"
# said HOME COMMAND... : what people see of it, in $work/said
said() {
    said_home=$1
    shift
    last="coplan --home $said_home $*"
    "$coplan" --home "$work/$said_home" "$@" >"$work/said" 2>"$work/err" </dev/null
}

step "three machines; one of them has never seen the words"
home asha "Asha"
home bill "Bill"
home chen "Chen"
run 0 asha plan new "A garden"
bring asha bill
bring asha chen
add asha need "SECRETMARK my panic attacks" "plain=SECRETMARK I am afraid"
need=$id
add asha action "Open the garden" "start=2027-04-04"
action=$id
run 0 asha note comment "$action" "SECRETMARK a note of mine"
note=$(get .id)
run 0 asha rate "$action" importance 4 --why "SECRETMARK because"
view=$(get .id)
meet bill asha
same asha bill

step "a page that was made with the words"
said asha freeze --stage comment
comment=$(sed -n 's/^Read it with: coplan text \([0-9a-f]*\)$/\1/p' "$work/said")
run 0 asha text "$comment"
run 0 asha freeze --stage agreement --anyway "for the test"
page=$(get .version)
run 0 asha sign "$page" --agree
answer=$(get .answer)
meet bill asha

step "offline, Bill changes what Asha is about to take back"
run 0 bill daemon stop
serve bill
run 0 bill set "$need" "text=Bill says it in other words"
bills=$(get .entry)

step "refused: not one's own, a page, its pieces, an answer, control, nothing, unknown, twice"
refused 2 not_author bill withdraw-words "$need"
refused 2 frozen asha withdraw-words "$page"
refused 2 frozen asha withdraw-words "$answer"
said asha withdraw-words "$answer"
ok "what takes an answer back" grep -q "coplan withdraw PAGE" "$work/err"
not "and an answer is no page" grep -q "coplan text" "$work/err"
run 0 asha log
part=$(get '[.[] | select(.what.kind == "part") | .entry][0]')
version_entry=$(get '[.[] | select(.what.kind == "version") | .entry][0]')
admit=$(get '[.[] | select(.what.kind == "admit") | .entry][0]')
refused 2 frozen asha withdraw-words "$part"
refused 2 frozen asha withdraw-words "$version_entry"
refused 2 no_words asha withdraw-words "$admit"
refused 2 not_found asha withdraw-words 0123456789abcdef
refused 2 usage asha withdraw-words xyz
run 0 asha digest
before=$(get .entries)

step "Asha takes her words back"
for one in "$need" "$note" "$view"; do
    run 0 asha withdraw-words "$one"
    is .entry "$one"
    holds '.statement | length == 64'
done
run 0 asha withdraw-words "$need"
is .statement null "a second time says the same and writes nothing"
run 0 asha digest
is .entries "$((before + 3))"
said asha list
ok "the screen says so" grep -q "$gone" "$work/said"
not "and no more than that" grep -q SECRETMARK "$work/said"
run 0 asha show "$need"
is .text ""
holds '.withdrawn | index("text") != null and index("plain") != null'
holds '.fields | has("text") | not' "a withdrawn value is no value"
holds '.history[0].withdrawn == true'
run 0 asha show "$action"
holds '.notes[0].withdrawn == true and .notes[0].text == ""'
is '.views | length' 0 "as if it had not been rated"
is .text "Open the garden" "other words stay"
run 0 asha log
holds "any(.[]; .entry == \"$need\" and .withdrawn)"
for format in json md csv; do
    "$coplan" --home "$work/asha" export "$format" --out "$work/out.$format" >"$work/out" 2>"$work/err" || bad "export $format"
    not "nothing in $format" grep -q SECRETMARK "$work/out.$format"
done
ok "md says so" grep -q "$gone" "$work/out.md"
ok "json says so" jq -e "any(.items[]; .id == \"$need\" and (.withdrawn | index(\"text\") != null))" "$work/out.json"

step "Chen gets the plan without ever seeing them; both are in sync"
meet chen asha
same asha chen
run 0 chen show "$need"
is .text ""
holds '.withdrawn | index("text") != null'

step "Bill still has the words: he gives them to nobody who has the withdrawal, and loses them himself"
meet bill chen
same bill chen
run 0 bill show "$need"
is .text "Bill says it in other words" "his own words stand where hers stood"
holds '.withdrawn | index("text") == null and index("plain") != null'
said bill show "$need"
ok "the history says what went" grep -q "$gone" "$work/said"
not "the words are gone at Bill's" grep -q SECRETMARK "$work/said"
meet asha bill
same asha bill chen

step "what was built on them stands"
"$coplan" --home "$work/chen" text "$page" >"$work/text" 2>"$work/err"
equal "$page" "$(sha256sum <"$work/text" | cut -d' ' -f1)" "the page's words"
run 0 bill agreement "$page"
is '.answers | length' 1
is '.answers[0].answer' agree
run 0 bill proof "$page" --out "$work/proof"
run 0 bill verify "$work/proof"
is .result good
case $page in "$comment"*) bad "two stages, one page" ;; esac
run 0 asha freeze --stage agreement --anyway "for the test"
newer=$(get .version)
run 0 bill freeze --stage agreement --anyway "for the test"
is .version "$newer" "what a freeze makes of it is the same everywhere"
"$coplan" --home "$work/asha" text "$newer" >"$work/text" 2>"$work/err"
not "a withdrawn value is no fact" grep -q "SECRETMARK" "$work/text"

step "nothing on any disk, in any log"
for who in asha bill chen; do
    run 0 "$who" daemon stop
    not "a trace at $who's" grep -r -a -q SECRETMARK "$work/$who"
    serve "$who"
done

step "kill -9 while words are erased"
number=0
while [ "$number" -lt 8 ]; do
    number=$((number + 1))
    add asha concern "SECRETMARK $number $(head -c 3000 /dev/zero | tr '\0' 'x')"
    "$coplan" --home "$work/asha" --no-start withdraw-words "$id" >"$work/kill.out" 2>&1 </dev/null &
    client=$!
    sleep "0.00$((number * 7 % 10))"
    kill -9 "$(cat "$work/asha.pid")" 2>/dev/null
    wait "$client"
    gone "$(cat "$work/asha.pid")" || fatal "the killed daemon is still there"
    serve asha
    run 0 asha withdraw-words "$id"
    is .entry "$id"
    run 0 asha show "$id"
    is .text ""
done
address asha
run 0 bill sync "$address"
same asha bill
run 0 bill show "$id"
holds '.withdrawn | index("text") != null'

step "by stick: erased where no network ever comes; an old stick brings no words back; a newcomer gets none"
mkdir "$work/sticks"
for who in dora emil; do home "$who" "$who"; done
run 0 dora plan new "By stick alone"
run 0 dora invite --out "$work/invite.emil"
run 0 emil join "$work/invite.emil" --out "$work/ask.coplan"
run 0 dora bundle read "$work/ask.coplan"
add dora need "STICKMARK my panic attacks" "plain=STICKMARK I am afraid"
need=$id
add dora action "Open the garden"
run 0 dora note comment "$id" "STICKMARK a note"
note=$(get .id)
run 0 dora bundle write "$work/sticks/old.coplan" --all
run 0 emil bundle read "$work/sticks/old.coplan"
run 0 emil show "$need"
is .text "STICKMARK my panic attacks" "Emil has the words"
run 0 emil set "$need" "why=Calm"
run 0 emil bundle write "$work/sticks/emil.coplan" --all
for one in "$need" "$note"; do run 0 dora withdraw-words "$one"; done
run 0 dora bundle write "$work/sticks/new.coplan"
# wordless HOME : nothing of them shows, and nothing of them is on the disk
wordless() {
    run 0 "$1" show "$need"
    is .text "" "the words at $1's"
    holds '.withdrawn | index("text") != null and index("plain") != null' "said as withdrawn at $1's"
    for wordless_format in json md html csv; do
        said "$1" export "$wordless_format"
        not "nothing in $wordless_format of $1" grep -q STICKMARK "$work/said"
    done
    run 0 "$1" daemon stop
    not "a trace at $1's" grep -r -a -q STICKMARK "$work/$1"
    serve "$1"
}
run 0 emil bundle read "$work/sticks/new.coplan"
is .refused 0
wordless emil
run 0 emil digest
before=$(jq -c . "$work/out")
# Those with the words, written before they were withdrawn, after that: by others, and one's own.
for old in old emil; do
    for who in emil dora; do
        [ "$old" = emil ] && [ "$who" = emil ] && continue
        as "$who" bundle read "$work/sticks/$old.coplan"
        if [ "$old" = emil ] || [ "$who" = emil ]; then
            equal 0 "$status" "an old stick is no error"
        fi
        run 0 "$who" show "$need"
        is .text "" "$old.coplan at $who's brings no words"
    done
done
run 0 emil digest
equal "$before" "$(jq -c . "$work/out")" "what Emil holds is what it was"
run 0 dora show "$need"
is .fields.why "Calm" "what others wrote to it comes all the same"
wordless dora
wordless emil
run 0 emil bundle write "$work/sticks/back.coplan"
run 0 dora bundle read "$work/sticks/back.coplan"
same dora emil

# A newcomer, by a stick with all of it and by the old one.
home fred fred
run 0 emil invite --out "$work/invite.fred"
run 0 fred join "$work/invite.fred" --out "$work/ask.coplan"
run 0 emil bundle read "$work/ask.coplan"
run 0 emil bundle write "$work/sticks/all.coplan" --all
run 0 fred bundle read "$work/sticks/all.coplan"
is .refused 0
run 0 fred show "$need"
is .text "" "a newcomer never sees them"
as fred bundle read "$work/sticks/old.coplan"
equal 2 "$status" "a stick from before Fred came is not for him"
wordless fred
same emil fred

step "words that somebody kept in their own name stay, and whoever takes theirs back is told where"
home gwen Gwen
home hana Hana
run 0 gwen plan new "A walk"
bring gwen hana
add gwen need "To get out"
need=$id
meet hana gwen
run 0 hana daemon stop
serve hana
run 0 gwen set "$need" "why=KEPTMARK my illness"
mine=$(get .entry)
run 0 hana set "$need" "why=something else"
meet hana gwen
run 0 hana choose "$need" why --keep "$mine"
kept=$(get .entry)
meet hana gwen
said gwen withdraw-words "$mine"
ok "whose they are now, and what to ask for" grep -q "written by Hana.*coplan withdraw-words $(printf %.12s "$kept")" "$work/said"
run 0 gwen show "$need"
is .fields.why "KEPTMARK my illness" "they stand"
run 0 gwen withdraw-words "$mine"
is '.same | length' 0 "a second time there is nothing to compare"
meet hana gwen
run 0 hana withdraw-words "$kept"
is '.same | length' 0 "the other words are gone here by now"
meet hana gwen
run 0 gwen show "$need"
holds '.fields | has("why") | not' "gone with her"
not "and from the history" grep -q KEPTMARK "$work/out"
finish
