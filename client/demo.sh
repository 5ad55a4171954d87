#!/bin/sh
# A story that plays itself: three neighbours make one plan and agree on it. Started by: sh client/start demo
#
# Three real daemons run on this computer, each with a home of its own in a folder that is removed at the end.
# Every line that begins with a name and "types" is a command that really runs here, as anyone would type it.
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
bin=${COPLAN_BIN:-$here/build/release}
coplan="$bin/coplan"
for program in coplan copland; do
    if [ ! -x "$bin/$program" ]; then
        echo "There is no $bin/$program yet. Run: sh client/start demo" >&2
        exit 3
    fi
done
unset COPLAN_HOME
place=$(mktemp -d "${TMPDIR:-/tmp}/demo.XXXXXX")
quiet="" plain=""
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    quiet=$(printf '\033[2m')
    plain=$(printf '\033[0m')
fi

# shellcheck disable=SC2317  # called by the trap
clean_up() {
    for who in asha bill chen; do
        [ ! -d "$place/$who" ] || "$coplan" --home "$place/$who" --no-start daemon stop >/dev/null 2>&1 || :
    done
    rm -rf "$place"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 141' PIPE
trap 'exit 143' TERM HUP

# ------------------------------------------------------------------------------------------------ telling

chapter() { printf '\n%s\n\n' "== $*"; }
say() { printf '%s\n' "$@"; }
name_of() {
    case $1 in
    asha) echo Asha ;;
    bill) echo Bill ;;
    *) echo Chen ;;
    esac
}
# typed WORD... : as one would type it
typed() {
    for word in "$@"; do
        case $word in
        *[!A-Za-z0-9._:=/+-]*) printf ' "%s"' "$word" ;;
        *) printf ' %s' "$word" ;;
        esac
    done
    echo
}
# spoken WHO WORD... : shows the command before it runs
spoken() {
    speaker=$1
    shift
    printf '%s    %s types:  coplan%s%s\n' "$quiet" "$(name_of "$speaker")" "$(typed "$@" | cut -c1-150)" "$plain"
}
failed() {
    echo
    echo "This should have worked, and did not: coplan $*"
    cat "$place/errors" "$place/answer" 2>/dev/null || :
    echo "The story ends here. Nothing of yours was touched."
    exit 1
}
# run WHO COMMAND... : runs it without showing what it prints
run() {
    spoken "$@"
    home=$1
    shift
    "$coplan" --home "$place/$home" "$@" >"$place/answer" 2>"$place/errors" </dev/null || failed "$@"
}
# show WHO COMMAND... : the same, and shows what people see
show() {
    run "$@"
    sed 's/^/      | /' "$place/answer"
}
# take KEY WHO COMMAND... : the same, and keeps one value of the answer in $taken
take() {
    key=$1
    shift
    spoken "$@"
    home=$1
    shift
    "$coplan" --home "$place/$home" --json "$@" >"$place/answer" 2>"$place/errors" </dev/null || failed "$@"
    taken=$(tr -d '\n' <"$place/answer" | sed -n "s/.*\"$key\" *: *\"\([^\"]*\)\".*/\1/p")
    [ -n "$taken" ] || failed "$@"
}
short() { printf '%s' "$taken" | cut -c1-10; }
# address WHO : sets $taken; nobody types this
address() {
    "$coplan" --home "$place/$1" --json daemon status >"$place/answer" 2>"$place/errors" </dev/null ||
        failed daemon status
    taken=$(tr -d '\n' <"$place/answer" | sed -n 's/.*"listen" *: *"\([^"]*\)".*/\1/p')
}
# meet WHO WHOM : two devices in reach of each other
meet() {
    address "$2"
    run "$1" sync "$taken"
}
# outside COMMAND... : a command that is not coplan's
outside() { printf '%s    Anyone types:  %s%s\n' "$quiet" "$*" "$plain"; }

# -------------------------------------------------------------------------------------------------- story

say "This is a story about three neighbours: Asha, Bill and Chen."
say "Their street is loud and grey, and some of them feel low. They want to change that together."
say "Each of them has a computer. There is no internet in this story."
say "(All of it happens on this one computer, in a folder that goes away at the end.)"

chapter "1. Each one makes a home for the plan"
say "A home holds your own copy of the plan and your own keys. With your keys you sign."
for who in asha bill chen; do
    run $who init --name "$(name_of $who)" --no-passphrase
    run $who daemon start --listen 127.0.0.1:0
done
say "In real life you would choose a passphrase. We leave it out to keep the story short."

chapter "2. Asha starts the plan"
run asha plan new "A quiet street and a garden for all"
run asha add priority "Sleep well and feel less alone" "plain=We want quiet nights and people to talk to."
run asha add strength "Bill can build things and Chen knows plants"
take id asha add action "Grow a garden on the empty corner" "due=2027-05-01"
garden=$(short)
take id asha add action "Meet for tea in the garden every Monday"
tea=$(short)
say "The plan lives on Asha's computer now. It is hers to read, even with no internet."

chapter "3. Asha asks Bill and Chen to join"
say "She makes one invitation for each. It works once. She could hand it over on paper."
for who in bill chen; do
    take invite asha invite
    invitation=$taken
    printf '%s    %s types:  coplan join %.34s...%s\n' "$quiet" "$(name_of "$who")" "$invitation" "$plain"
    "$coplan" --home "$place/$who" join "$invitation" >"$place/answer" 2>"$place/errors" </dev/null || failed join
done
say "Then they meet once more, so that each of them knows the other two."
say "(The numbers behind sync say where Asha's computer can be reached.)"
meet bill asha
show chen people

chapter "4. They go home and each one writes alone"
say "Nobody is connected now. Everybody can still write."
run asha add need "A bench out of the wind"
run asha set "$tea" "lead=Chen"
run bill add obstacle "Cars go fast on our street" "way_round=Ask for a sign by the school"
run chen add resource "Forty small plants" "unit=count" "amount=40"
say "" "Now two of them change the same words. Neither can see the other do it."
run bill set "$garden" "text=Build raised beds on the empty corner"
run chen set "$garden" "text=Grow herbs and berries on the empty corner"

chapter "5. They meet, two at a time"
say "When two computers meet, each gives the other what is new."
meet asha bill
meet bill chen
meet chen asha
say "" "Did all of it arrive? If these three lines are the same, all three have the same plan:"
for who in asha bill chen; do
    "$coplan" --home "$place/$who" --json digest >"$place/answer" 2>"$place/errors" </dev/null || failed digest
    printf '      | %-5s %s\n' "$(name_of $who)" "$(tr -d '\n' <"$place/answer" |
        sed -n 's/.*"state" *: *"\([0-9a-f]\{32\}\).*/\1/p')"
done

chapter "6. Two of them changed the same words"
say "Nothing was thrown away. coplan shows both and asks: which words shall we keep?"
show asha wordings
say "They talk. They like both ideas. So Asha writes new words that have both:"
run asha choose "$garden" text --write "Build raised beds and grow herbs and berries"
meet bill asha
meet chen asha
show chen list action

chapter "7. They make the final page and each one answers"
say "The final page is frozen. Not one letter of it can change after this."
take version asha freeze --stage agreement
first=$(short)
words=$(tr -d '\n' <"$place/answer" | sed -n 's/.*"check_words" *: *"\([^"]*\)".*/\1/p')
say "      | Its check words are: $words"
say "If you see the same four words, you have the same page. You can say them on the phone."
meet bill asha
meet chen asha
run asha sign "$first" --agree
run bill sign "$first" --agree
say "Chen does not agree. She works on Mondays. She says so, and why:"
run chen sign "$first" --no "not on Mondays" --would-agree-if "we meet on Sundays"
meet chen asha
meet bill asha
show asha agreement "$first"
say "One no is enough. Nobody can outvote Chen. Her answer tells them what would help."

chapter "8. They change the plan and ask again"
run bill set "$tea" "text=Meet for tea in the garden every Sunday"
meet asha bill
say "What is different from the page they signed?"
show asha changes "$first"
take version asha freeze --stage agreement
second=$(short)
whole=$taken
meet bill asha
meet chen asha
say "It is a new page, so everyone answers again. Old answers are never moved to new words."
run asha sign "$second" --agree
run bill sign "$second" --agree
say "Chen makes the tea. So she also says whether she will do it:"
run chen sign "$second" --agree --will all
meet bill asha
meet chen asha
meet bill chen
for who in asha bill chen; do show $who agreement "$second"; done

chapter "9. A proof that anyone can check"
say "Chen puts the agreed page and the three signatures in a folder."
run chen proof "$second" --out "$place/proof"
(cd "$place/proof" && find . -type f | sort | sed 's/^\.\//      | /')
show chen verify "$place/proof"
say "You need no coplan to check it. The page's own number is what sha256sum says:"
outside "sha256sum version.txt"
number=$(sha256sum <"$place/proof/version.txt" | cut -d' ' -f1)
printf '      | %s\n' "$number"
[ "$number" = "$whole" ] || failed "sha256sum version.txt"
if command -v ssh-keygen >/dev/null; then
    say "And ssh-keygen, which many computers have, checks who signed:"
    # shellcheck disable=SC2016  # NAME is for the reader
    outside 'ssh-keygen -Y verify -f allowed_signers -I NAME -n coplan-agreement-v1 -s NAME.txt.sig < NAME.txt'
    for signature in "$place"/proof/answers/*.txt.sig; do
        answer=${signature%.sig}
        name=$(basename "$answer" .txt)
        ssh-keygen -Y verify -f "$place/proof/allowed_signers" -I "$name" -n coplan-agreement-v1 -s "$signature" \
            <"$answer" >"$place/answer" 2>"$place/errors" || failed "ssh-keygen -Y verify for $name"
        sed 's/^/      | /' "$place/answer"
    done
else
    say "(ssh-keygen is not on this computer, so we leave out that second check.)"
fi
say "What if someone changes one word of the page? Let us try: Sunday becomes Monday."
sed 's/every Sunday/every Monday/' "$place/proof/version.txt" >"$place/forged"
cp "$place/forged" "$place/proof/version.txt"
spoken chen verify "$place/proof"
if "$coplan" --home "$place/chen" verify "$place/proof" >"$place/answer" 2>"$place/errors" </dev/null; then
    failed verify
fi
cat "$place/answer" "$place/errors" | sed 's/^/      | /'

chapter "The end"
say "Three people wrote apart, met, and agreed. No one was overruled. Nothing was lost."
say "Everything this story made is being removed now. To begin your own plan: sh client/start"
