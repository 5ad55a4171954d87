#!/bin/sh
# A story that plays itself: four neighbours make one plan, from why to the first look back. One of them has no
# device. Started by: sh client/start demo
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
# refused WHO COMMAND... : what must not work, and what people see then
refused() {
    spoken "$@"
    home=$1
    shift
    if "$coplan" --home "$place/$home" "$@" >"$place/answer" 2>"$place/errors" </dev/null; then
        failed "$@"
    fi
    cat "$place/answer" "$place/errors" | sed 's/^/      | /'
}
# quietly WHO COMMAND... : runs it and shows nothing; the story says in words what it was
quietly() {
    home=$1
    shift
    "$coplan" --home "$place/$home" "$@" >"$place/answer" 2>"$place/errors" </dev/null || failed "$@"
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
# said WHO PAGE WORD : sets $taken to the answer that says this; people see it with: coplan log
said() {
    "$coplan" --home "$place/$1" --json agreement "$2" >"$place/answer" 2>"$place/errors" </dev/null ||
        failed agreement "$2"
    taken=$(tr -d '\n' <"$place/answer" | sed -n 's/.*"answer" *: *"'"$3"'"//
        s/"asked" *: *[a-z]*, *"apart" *: *[a-z]*, *"id" *: *"\([0-9a-f]*\)".*/@\1/
        s/.*@//p' | cut -c1-10)
    [ -n "$taken" ] || failed agreement "$2"
}
# all_meet : everybody gets everything; nobody types this three times in a story
all_meet() {
    for pair in bill-asha chen-asha bill-asha; do
        address "${pair#*-}"
        quietly "${pair%-*}" sync "$taken"
    done
}
# picked PATTERN : shows only these lines of the last answer
picked() { grep -E -- "$1" "$place/answer" | sed 's/^/      | /' || failed "(no line with $1)"; }
# outside COMMAND... : a command that is not coplan's
outside() { printf '%s    Anyone types:  %s%s\n' "$quiet" "$*" "$plain"; }

# -------------------------------------------------------------------------------------------------- story

year=$(($(date +%Y) + 1))

say "This is a story about four neighbours: Asha, Bill, Chen and Dora."
say "Their street is loud and grey, and some of them feel low. They want to change that together."
say "Asha, Bill and Chen have a computer. Dora has none. There is no internet in this story."
say "(All of it happens on this one computer, in a folder that goes away at the end.)"

chapter "1. Three make a home for the plan"
say "A home holds your own copy of the plan and your own keys. With your keys you sign."
for who in asha bill chen; do
    run $who init --name "$(name_of $who)" --no-passphrase
    run $who daemon start --listen 127.0.0.1:0
done
say "In real life you would choose a passphrase. We leave it out to keep the story short."

chapter "2. Asha starts the plan and asks the others to join"
run asha plan new "A quiet street and a garden for all"
say "She makes one invitation for each. It works once. She could hand it over on paper."
for who in bill chen; do
    take invite asha invite
    invitation=$taken
    printf '%s    %s types:  coplan join %.34s...%s\n' "$quiet" "$(name_of "$who")" "$invitation" "$plain"
    quietly "$who" join "$invitation"
done
say "Dora has no computer. She is part of the plan all the same. She asked for large print."
take id asha add someone "Dora" "wants_format=large_print" "wants_by=hand"
dora=$(short)
say "Each of them may say which side they speak for. Nobody else can say it for them."
run asha set me "perspectives+=uses services" "wants_format=easy_read"
run bill set me "perspectives+=council"
run chen set me "perspectives+=local resident"
say "When two computers meet, each gives the other what is new."
say "(The numbers behind sync say where Asha's computer can be reached.)"
meet bill asha
meet chen asha
meet bill asha
show chen people

chapter "3. Why do this together?"
say "What matters most to them? And what do we gain, what if we do nothing, how do we know?"
take id asha add priority "Sleep well and feel less alone" "plain=We want quiet nights and people to talk to." \
    "from_perspective+=uses services" "by=Asha"
matters=$(short)
meet bill asha
run asha add benefit "We find help faster when we know our neighbours" "about+=$matters"
run bill add inaction "People stay indoors and feel worse" "about+=$matters" "plain=If we do nothing, people stay at home." \
    "strength_of_evidence=lived_experience"
run chen add evidence "Gardens near home help people feel better" "source=Our health centre's leaflet" \
    "type=guidance" "read_on=$((year - 1))-01-10" "check_again_on=$((year + 1))-01-10" "contact=Ask Chen"
all_meet
say "This makes one sheet of it that can be printed and shown. Then Asha notes who has seen it."
run asha export why --audience easy-read --out "$place/why.html"
printf '      | %s blocks, each with a place for a picture\n' "$(grep -c 'class="block"' "$place/why.html")"
run asha note presented plan "Shown at the tea table" "to+=uses services" "to+=council" "to+=local resident" \
    "format=easy_read"

chapter "4. They go home and each one writes alone"
say "Nobody is connected now. Everybody can still write: what they bring, and what gets in the way."
run asha add strength "I know everybody in our street" "owner=me"
run bill add strength "I can build things" "owner=me"
run chen add strength "I know plants" "owner=me"
take id bill add resource "Small grant of the council" "amount=50000" "unit=pence"
grant=$(short)
run bill add resource "Bill's Saturdays" "amount=600" "unit=minutes" "owner=me"
run chen add resource "Chen's Sundays" "amount=900" "unit=minutes" "owner=me"
say "Bill writes down what Dora said to him. It stays her worry, in her words."
run bill add concern "I worry that I cannot get over the kerb" "by=Dora"
take id chen add obstacle "Cars go fast on our street" "blocks+=$matters" "type=place" \
    "effect=We cannot talk or sleep" "way_round=Ask for a sign by the school"
cars=$(short)
run chen rate "$cars" impact 4
say "They meet, two at a time."
meet asha bill
meet bill chen
meet chen asha
say "" "Did all of it arrive? If these three lines are the same, all three have the same plan:"
for who in asha bill chen; do
    "$coplan" --home "$place/$who" --json digest >"$place/answer" 2>"$place/errors" </dev/null || failed digest
    printf '      | %-5s %s\n' "$(name_of $who)" "$(tr -d '\n' <"$place/answer" |
        sed -n 's/.*"state" *: *"\([0-9a-f]\{32\}\).*/\1/p')"
done

chapter "5. Different ideas, and which one is best"
say "Each of them has an idea. To do nothing is an idea too. And what makes an idea good?"
run asha set "$matters" "state=chosen" "why=Everybody at the tea table said it"
take id asha add option "Grow a garden on the empty corner" "for+=$matters" "tackles+=$cars"
garden=$(short)
take id bill add option "Put flower pots at every door" "for+=$matters" "pilot=yes"
pots=$(short)
take id chen add option "Do nothing" "for+=$matters" "do_nothing=yes"
nothing=$(short)
take id asha add criterion "It helps people feel better" "counts=3"
helps=$(short)
take id asha add criterion "We can really do it" "counts=2"
doable=$(short)
take id asha add criterion "It is fair to everyone" "counts=2"
fair=$(short)
all_meet
say "Each one gives points from 0 to 4, alone. Asha does it like this, and so on for each idea:"
run asha rate "$garden" score 4 --by-criterion "$helps"
# points WHO IDEA HELPS DOABLE FAIR
points() {
    quietly "$1" rate "$2" score "$3" --by-criterion "$helps"
    quietly "$1" rate "$2" score "$4" --by-criterion "$doable"
    quietly "$1" rate "$2" score "$5" --by-criterion "$fair"
}
points asha "$garden" 4 3 4
points asha "$pots" 2 4 2
points bill "$garden" 3 2 4
points bill "$pots" 2 3 dont_know
points chen "$garden" 4 3 3
points chen "$pots" 1 4 2
say "How far would they go for each idea? Nobody can say that for another person."
run asha rate "$garden" commitment lead
run bill rate "$garden" commitment help
run chen rate "$garden" commitment help
run bill rate "$pots" commitment cannot --why "Pots at the doors block the way for wheelchairs"
for who in asha chen; do quietly $who rate "$pots" commitment fine; done
for who in asha bill chen; do quietly $who rate "$nothing" commitment unsure; done
all_meet
say "Which ideas can everyone live with? And where is there one person who cannot?"
show asha common-ground "$matters"
say "Now the comparison. The idea that is best for the side that likes it least comes first."
say "(A side of fewer than three people is not shown: that would tell what one person said.)"
show chen rank "$matters"
say "They choose the garden, and they write down why."
run asha set "$garden" "state=chosen"
run asha set "$pots" "state=not chosen" "why=It blocks the way for wheelchairs"
run asha note choice "$garden" "It helps most, and all of us can live with it" "option=$garden" "priority=$matters"

chapter "6. What we will do, who does it, and by when"
say "The garden needs things to do. Each has one person who makes sure that it happens."
take id asha add action "Build raised beds" "from+=$garden" "serves+=$matters" "tackles+=$cars" \
    "details=Six beds on the empty corner, one at sitting height" "lead=Bill" \
    "start=$year-03-01" "due=$year-05-01" "measure=Six beds stand there" "checked_by=Chen" "check_every=P2W" \
    "costs+=$grant:32000" "effort_minutes=480"
beds=$(short)
take id asha add action "Meet for tea in the garden every Monday" "from+=$garden" "serves+=$matters" \
    "details=From two to four, with a flask of tea" "lead=Chen" "start=$year-05-02" "due=$year-09-30" "repeats=weekly" \
    "measure=Five people come" "checked_by=Asha" "check_every=P1M"
tea=$(short)
take id asha add action "Write a card to every door" "from+=$garden" "serves+=$matters" \
    "details=Dora writes the cards at home, Asha carries them round" "lead=Asha" "helpers+=Dora" \
    "start=$year-02-01" "due=$year-02-15" "measure=Every door has a card" "checked_by=Bill" "check_every=P2W"
cards=$(short)
run asha set plan "first_review=$year-06-01" "review_every=P3M" "reviewer=Chen" \
    "if_behind=We meet within a week and ask for help"
all_meet
say "Now two of them change the same words. Neither can see the other do it."
run bill set "$beds" "text=Build raised beds for vegetables"
run chen set "$beds" "text=Build raised beds for herbs"
meet bill asha
meet chen asha
say "Nothing was thrown away. coplan shows both and asks: which words shall we keep?"
show asha wordings
say "They talk. They like both. So Asha writes new words that have both:"
run asha choose "$beds" text --write "Build raised beds for vegetables and herbs"
all_meet
say "Does each action say what, who, when and how we will know? Is there money and time for it?"
show chen check P9

chapter "7. A page to look at first"
say "This page asks: what do you think of it? Nobody signs it."
take version asha freeze --stage comment
draft=$(short)
run asha receipt "$draft" --to Asha --to Bill --to Chen --state given
run asha receipt "$draft" --to Dora --state given --format large-print --how hand
all_meet
say "Chen reads it and asks something. Asha answers her."
take id chen note comment "$draft" "Who brings the water?" "about_item=$beds"
comment=$(short)
meet chen asha
run asha note reply "$comment" "Bill has a long hose. I wrote it into the plan." "changed=yes"
run asha set "$beds" "details=Six beds on the empty corner, one at sitting height. Bill's long hose brings the water."
all_meet
show chen check P11

chapter "8. They make the final page and each one answers"
say "The final page is frozen. Not one letter of it can change after this."
take version asha freeze --stage agreement
first=$(short)
words=$(tr -d '\n' <"$place/answer" | sed -n 's/.*"check_words" *: *"\([^"]*\)".*/\1/p')
say "      | Its check words are: $words"
say "If you see the same four words, you have the same page. You can say them on the phone."
all_meet
run asha sign "$first" --agree --will all
run bill sign "$first" --agree --will all
say "Chen does not agree. She works on Mondays. She says so, and why:"
take answer chen sign "$first" --no "not on Mondays" --cannot "$tea" --would-agree-if "we meet on Sundays"
all_meet
show asha agreement "$first"
say "One no is enough. Nobody can outvote Chen. Her answer tells them what would help."
said asha "$first" no

chapter "9. They change the plan and ask again"
run asha note negotiation "$taken" "We meet on Sundays now. That is fine for the rest of us." "changed=yes"
run asha set "$tea" "text=Meet for tea in the garden every Sunday"
say "What is different from the page they signed?"
show asha changes "$first"
take version asha freeze --stage agreement
second=$(short)
whole=$taken
words=$(tr -d '\n' <"$place/answer" | sed -n 's/.*"check_words" *: *"\([^"]*\)".*/\1/p')
say "      | Its check words are: $words"
all_meet
say "It is a new page, so everyone answers again. Old answers are never moved to new words."
run asha sign "$second" --agree --will all
say "Bill agrees, but he has a worry. It is kept beside his name. He builds the beds all the same."
run bill sign "$second" --worry "Rain in April could make us late" --will all
said bill "$second" "agree, with a worry"
run bill note negotiation "$taken" "We talked. It stays, and we start in March to have time." "changed=no"
say "Chen makes the tea. So she also says whether she will do it:"
run chen sign "$second" --agree --will all
say "Dora has no computer. She marks her answer on paper. Asha writes it down for her."
take answer asha paper "$second" --for Dora --agree --will "$cards"
ink=$(short)
all_meet
say "It does not count until two people who saw her do it have said so. Not the one who wrote it down:"
refused asha witness "$ink"
run bill witness "$ink"
run chen witness "$ink"
all_meet
for who in asha bill chen; do show $who agreement "$second"; done

chapter "10. A proof that anyone can check"
say "Chen puts the agreed page and the signatures in a folder."
run chen proof "$second" --out "$place/proof"
(cd "$place/proof" && find . -type f | sort | sed 's/^\.\//      | /')
show chen verify "$place/proof"
say "(Dora has no key: her own mark is on her paper. Asha, who wrote it down, signed here, and so did the two who saw it.)"
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
        name=$(sed -n "s|^  answers/$(basename "$answer")  signed by ||p" "$place/proof/README.txt")
        [ -n "$name" ] || name=$(basename "$answer" .txt)
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
refused chen verify "$place/proof"

chapter "11. Everyone gets the page, in the form they asked for"
say "Who must get one, and in which form?"
show asha hand-out "$second"
say "coplan makes each copy and notes that it was given. Asha prints Dora's and brings it to her."
for who in Asha Bill Chen Dora; do
    run asha hand-out "$second" --who $who --out "$place/$who.html"
done
letters=$(sed -n 's/.*font-size: *\([0-9]*pt\).*/\1/p' "$place/Dora.html" | head -1)
[ -n "$letters" ] || failed "hand-out for Dora"
printf '      | The letters on the page of Dora are %s high.\n' "$letters"
run asha receipt "$second" --to Dora --state got --in-their-hand --format large-print --how hand
run bill receipt "$second" --to me --state got
all_meet
show asha check P13

chapter "12. They do it, and they look again"
say "It is May of $year now, in our story. Each one notes how it goes."
run bill note progress "$beds" "Four of six beds stand. It rained for weeks." "status=doing" "rag=amber" \
    "on=$year-05-20"
run asha note progress "$cards" "Every door has a card" "status=done" "rag=green" "on=$year-02-14"
run chen note achievement "$tea" "Nine people came, and two of them were new" "on=$year-05-16"
all_meet
say "The first of June is the day of the first review. What is done comes first, then what is late."
show chen review --on "$year-06-01"
say "All of them were there, Dora too. Chen writes down what they decided."
run chen note review plan "The beds need two more weeks" "held_on=$year-06-01" "version=$whole" \
    "present+=Asha" "present+=Bill" "present+=Chen" "present+=Dora" "decision=carry_on" \
    "learned=Begin the wet work in summer" "next=We look again in three months"
all_meet
say "When do they look again?"
quietly asha review --on "$year-06-02"
picked "^(We last|Time to)"
say "How far have they come? These are the thirteen points of the standard for such plans."
"$coplan" --home "$place/asha" check P1 P2 P3 P4 P5 P6 P7 P8 P9 P10 P11 P12 P13 --on "$year-06-02" \
    >"$place/answer" 2>"$place/errors" </dev/null || :
sed 's/^/      | /' "$place/answer"

chapter "The end"
say "Four people wrote, met, chose and agreed. No one was overruled. Nothing was lost."
say "Everything this story made is being removed now. To begin your own plan: sh client/start"
