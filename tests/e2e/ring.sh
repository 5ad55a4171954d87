# Sticks between five devices that never share a network: one stick in turn round the ring, pulled out once at some byte.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

ring="ana ben cem dia eli"
stick="$work/stick"
mkdir "$stick"

step "five homes without a port; each comes in by stick"
for who in $ring; do
    run 0 "$who" init --name "$who" --no-passphrase
done
run 0 ana plan new "A well for the allotments"
run 0 ana invite --out "$work/invite.ben"
run 0 ana invite --out "$work/invite.cem"
run 0 ana invite --out "$work/invite.dia"
run 0 ana invite --out "$work/invite.eli"
for who in ben cem dia eli; do
    run 0 "$who" join "$work/invite.$who" --out "$stick/$who.coplan"
done
run 0 ana stick "$stick"
is .files 4 "ana takes the four requests"
is .wrote.machines 4 "and writes one file for all of them"

step "each adds something, also to a second plan that only some are in"
run 0 ana plan new "The key to the shed"
other=$(get .plan)
GLOBAL="--plan $other"
add ana action "Two keys are enough"
GLOBAL=
for who in ben cem dia eli; do
    run 0 "$who" stick "$stick"
    add "$who" strength "What $who can do"
done

# tear FOLDER : every file in it ends at some byte, each at another
tear() {
    torn=0
    for file in "$1"/*.coplan; do
        torn=$((torn + 1))
        cp "$file" "$work/whole"
        head -c "$(($(size "$file") * torn / 7 + 1))" "$work/whole" >"$file"
    done
}
# round NAME : the stick goes once round the ring
round() {
    for who in $ring; do
        [ "$1 $who" != "first dia" ] || pulled dia
        run 0 "$who" stick "$stick"
        is .refused 0 "$who in the $1 round"
    done
}
# pulled HOME : the stick is pulled out in the middle of reading, so what was written is lost with it but for its beginning
pulled() {
    cp -r "$stick" "$work/pulled"
    tear "$work/pulled"
    run 0 "$1" stick "$work/pulled"
    is .refused 0 "nothing wrong is taken from what is torn"
    is '.damaged > 0' true "and it says so"
    head -c 3000 "$(find "$work/pulled" -name '*.coplan' | tail -1)" >"$stick/0123456789abcdef.coplan.part-abcdef"
}

step "two rounds; the stick is pulled out of dia's machine once, and put in again"
round first
round second
same_five() {
    GLOBAL="--plan $plan" same ana ben cem dia eli
}
run 0 ben plan list
plan=$(get '.[0].plan')
step "after two rounds all hold the same"
same_five
equal 5 "$(find "$stick" -name '*.coplan' | grep -c -v -E '/(ben|cem|dia|eli)\.coplan')" "each machine has one file on it"
for who in ben cem dia eli; do
    run 0 "$who" plan list
    is length 1 "$who has not been given the other plan"
done
GLOBAL="--plan $other" run 0 ana list
is length 1 "which ana has"
ok "the stick holds no word" sh -c "! grep -r -a -q -i 'allotment\|shed\|what ben' '$stick'"

step "every file on the stick is torn where it lies: two more rounds and all hold the same again"
for who in ana cem eli; do
    GLOBAL="--plan $plan"
    add "$who" action "What $who will do"
    GLOBAL=
    run 0 "$who" stick "$stick"
done
tear "$stick"
round third
round fourth
same_five

step "what is no file, or is gone before it is opened, stops nobody"
mkdir "$stick/0.coplan"
ln -s "$stick/nowhere" "$stick/1.coplan"
mkfifo "$stick/2.coplan"
echo words >"$stick/3.coplan"
run 0 eli stick "$stick"
is .refused 0 "eli reads on"
rm -r "$stick/0.coplan" "$stick/1.coplan" "$stick/2.coplan" "$stick/3.coplan"

step "two machines use the stick at the same time: neither loses anything"
GLOBAL="--plan $plan"
add ana need "Shade"
GLOBAL=
add ben need "Water"
"$coplan" --home "$work/ana" --json --plan "$plan" stick "$stick" >"$work/ana.json" 2>&1 &
first=$!
"$coplan" --home "$work/ben" --json stick "$stick" >"$work/ben.json" 2>&1 &
second=$!
wait "$first"
ok "ana's was written" test $? -eq 0
wait "$second"
ok "ben's was written" test $? -eq 0
for who in ana ben cem; do
    run 0 "$who" stick "$stick"
    is .refused 0 "$who"
done
run 0 ana stick "$stick"
GLOBAL="--plan $plan" same ana ben cem

finish
