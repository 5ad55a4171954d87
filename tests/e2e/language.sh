# Languages: no sentence escapes the catalogue, what is missing or does not fit is said in English and marked, and a
# plan in two languages is not made final in one.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

words="$COPLAN_BIN/tests/e2e/words"
for needed in msgfmt python3 chromium pdftotext; do
    if ! command -v $needed >/dev/null; then
        echo "$needed is not installed (client/packages and tests/packages have the list)"
        exit 77
    fi
done
ASAN_OPTIONS="detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
export ASAN_OPTIONS

step "the template for translators is what the program says"
ok "client/po/coplan.pot (sh client/po/update mends it)" env COPLAN_BIN="$COPLAN_BIN" sh "$COPLAN_SRC/client/po/update" check
ok "the Welsh file reads" msgfmt --check-format -o "$work/cy.mo" "$COPLAN_SRC/client/po/cy.po"
equal 0 "$(msgattrib --translated --no-obsolete "$COPLAN_SRC/client/po/cy.po" | grep -c '^msgid "."')" \
    "Welsh sentences that no Welsh speaker wrote"

step "a pseudo-language with every sentence in it"
locale="$work/locale"
mkdir -p "$locale/qps/LC_MESSAGES"
"$words" pseudo >"$work/qps.po" || fatal "no pseudo-language"
msgfmt -o "$locale/qps/LC_MESSAGES/coplan.mo" "$work/qps.po" 2>"$work/err" || fatal "msgfmt refused it"
ok "all of it fits" "$words" check qps "$locale"

# said ARGS... : what people read on both channels, in the pseudo-language
said() {
    last="coplan $*"
    COPLAN_LOCALE_DIR="$locale" LANGUAGE=qps "$coplan" --home "$work/zz" "$@" >"$work/screen" 2>&1 </dev/null
    said_status=$?
    sed -i "s|$work/*||g" "$work/screen"
}
# typed words: fields, kinds and values that people type, and what stands in JSON and file names
data="zz zzz en cy qps coplan carer pence"
# clean ARGS... : nothing escapes; the words typed are data
clean() {
    said "$@"
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    python3 "$COPLAN_SRC/tests/e2e/_escapes.py" $data "$@" <"$work/screen" >"$work/escaped" ||
        { bad "escaped the catalogue: coplan $*"; sed 's/^/   /' "$work/escaped" | head -8; }
}

step "nothing escapes: help of every command"
"$coplan" --help | sed -n 's/^  \([a-z][a-z-]*\( [a-z-]*\)\{0,1\}\)  .*/\1/p' >"$work/commands"
[ "$(wc -l <"$work/commands")" -gt 30 ] || bad "the list of commands is short"
before=$data
data="$data $(tr '\n' ' ' <"$work/commands")"
clean --help
data=$before
clean
while read -r command; do
    # shellcheck disable=SC2086
    clean $command --help
done <"$work/commands"

step "nothing escapes: errors"
clean nonsense
clean --nonsense
clean init
clean list
clean add zzz
clean freeze
clean verify zz
run 0 zz init --name Zz --no-passphrase
clean init --name Zz
clean status
clean
clean daemon status
clean plan list
clean list
clean plan new "Zzz"
clean plan list
clean status
clean

step "nothing escapes: a plan, from what matters to who answered"
add() {
    run 0 zz add "$@"
    id=$(get .id)
}
run 0 zz people
zz=$(get '.[0].person')
run 0 zz set plan purpose=zzz kind_of_place=home if_behind=zzz first_review=2031-05-01 review_every=P3M reviewer="$zz" \
    budget_pence=1000 "perspectives_needed+=carer" "title.cy=Zz"
run 0 zz set me "perspectives+=carer" wants_format=easy_read wants_language=qps
add priority "Zz zz" state=chosen "plain=Zz zz."
priority=$id
add benefit "Zz z" "for+=$priority" strength_of_evidence=research source=zz
add inaction "Zz zzz" "for+=$priority"
add criterion "Zzzz" counts=2
criterion=$id
add option "Zz zzzz" "serves+=$priority"
option=$id
add obstacle "Zz zzzzz" "blocks+=$priority" type=money effect=zz
obstacle=$id
add resource "Zzz z" amount=500 unit=pence
add risk "Zzz zz" gain=zz
risk=$id
add evidence "Zzz zzz" source=zzz check_again_on=2026-01-01
add action "Zzz zzzz" lead="$zz" start=2031-01-01 due=2031-03-01 details=zz measure=zz checked_by="$zz" check_every=P1M \
    cost_pence=300 effort_minutes=90 "serves+=$priority" "from+=$option" repeats=P1W baseline=zz target=zzz
action=$id
add action "Zzz zzzzz"
bare=$id
run 0 zz rate "$priority" importance 4 --why zz
run 0 zz rate "$option" commitment help
run 0 zz rate "$option" score 3 --by-criterion "$criterion"
run 0 zz rate "$obstacle" impact 3
run 0 zz note progress "$action" zz status=doing rag=amber
run 0 zz note achievement "$action" zz
run 0 zz note presented plan zz "to+=zzz"
export zz
data="$data help importance commitment score impact likelihood easy read"
for shown in "list" "list --all" "list --by-perspective" "list --stale --on 2031-01-01" "wordings" "log" "digest" "people" \
    "peers" "who" "who --overdue-contact --on 2031-01-01" "balance" "match" "rank $priority" "common-ground" \
    "review --on 2031-04-01" "check" "check P9" "check K-A C4" "about-me" "status" "agreement" "receipts" "sync" \
    "prompts $action" "prompts $bare" "show $action" "show $bare" "show $priority" "show $option" "show $risk" \
    "show plan" "log $action" "freeze --stage agreement" "hand-out" "show 999999" "set $action due=zz" \
    "set $action zzz=zz" "rate $action zz 9" "note zzz plan zz" "add action zz lead=zzzz" "choose $action due --keep 3" \
    "sign zz" "sign 999999 --agree" "proof zz" "export zz" "export html --todo" "import zz.csv" "bundle read zz" \
    "talk" "interests" "interests --html" "marks" "marks --mine" "readings" "guide" "guide planning --html" "guide zz" "join zz" "unlock" "lock" \
    "carry list"; do
    # shellcheck disable=SC2086
    clean $shown
done

step "nothing escapes: exports"
for format in html easy-read why md evidence "evidence --html" "html --audience large" "why --audience standard" "html --for $zz"; do
    # shellcheck disable=SC2086
    clean export $format
    ok "export $format says something in it" grep -q "⟦" "$work/screen"
done
COPLAN_LOCALE_DIR="$locale" LANGUAGE=qps "$coplan" --home "$work/zz" export html >"$work/page.html"
ok "the page says which language it is in" grep -q '<html lang="qps">' "$work/page.html"
ok "people's own words say theirs" grep -q '<[^>]*lang="en"[^>]*>Zz' "$work/page.html"
ok "and those in Welsh theirs" grep -q '<[^>]*lang="cy"[^>]*>Zz' "$work/page.html"

# heard FILE WHAT : the texts of a file that a program shows or prints, as clean looks at a screen
heard() {
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    python3 "$COPLAN_SRC/tests/e2e/_escapes.py" $data <"$1" >"$work/escaped" ||
        { bad "escaped the catalogue: $2"; sed 's/^/   /' "$work/escaped" | head -8; }
    ok "$2 says something in it" grep -q "⟦" "$1"
}
# in_calendar OPTION... : what a calendar shows of our file (RFC 5545: lines that begin with a blank go on)
in_calendar() {
    said export ics --out "$work/plan.ics" "$@"
    equal 0 "$said_status" "exit status of export ics $*"
    python3 - "$work/plan.ics" >"$work/shown.txt" <<'PY'
import re, sys
lines = re.sub("\r\n ", "", open(sys.argv[1], newline="").read()).split("\r\n")
texts = [line.split(":", 1)[1] for line in lines if re.match("(SUMMARY|DESCRIPTION|LOCATION|CATEGORIES|COMMENT|X-WR-[A-Z]*)[;:]", line)]
print("\n".join(re.sub(r"\\(.)", lambda m: "\n" if m.group(1) in "nN" else m.group(1), text) for text in texts))
PY
    heard "$work/shown.txt" "export ics $*"
}

step "nothing escapes: calendars, and pages as a printer gets them"
run 0 zz set "$risk" review_on=2031-06-06
in_calendar
in_calendar --todo --with-names --with-health-words
for print in "pdf" "pdf --audience standard --for $zz" "pdf --audience large"; do
    # shellcheck disable=SC2086
    said export $print --out "$work/page.pdf"
    equal 0 "$said_status" "exit status of export $print"
    pdftotext "$work/page.pdf" "$work/shown.txt"
    heard "$work/shown.txt" "export $print"
done

step "nothing escapes: a page, answers, copies and a proof; what is frozen stays English, word for word"
run 0 zz freeze --stage agreement --anyway zz
version=$(get .version)
clean freeze --stage agreement --anyway zz
clean agreement
clean "changes" "$version"
run 0 zz text "$version" || :
COPLAN_LOCALE_DIR="$locale" LANGUAGE=qps "$coplan" --home "$work/zz" text "$version" >"$work/text"
equal "$version" "$(sha256sum "$work/text" | cut -d' ' -f1)" "the text is the same bytes in every language"
said sign "$version" --worry zz --will all
ok "what signing means is said as it is signed" grep -q "Your name and answer stay on this page." "$work/screen"
clean agreement "$version"
clean hand-out "$version"
clean hand-out "$version" --who "$zz" --out "$work/copy.html"
clean receipts "$version"
clean receipt "$version" --to "$zz" --state given
COPLAN_LOCALE_DIR="$locale" LANGUAGE=qps "$coplan" --home "$work/zz" proof "$version" --out "$work/proof-qps" >"$work/screen" 2>&1
"$coplan" --home "$work/zz" proof "$version" --out "$work/proof-en" >"$work/screen" 2>&1
ok "a proof is the same in every language" diff -r "$work/proof-qps" "$work/proof-en"
clean verify "$work/proof-qps"
data="$data $(tr -c 'a-zA-Z' ' ' <"$work/text")" # what was left open stands in it, in English by design
# What signing means is the sentence that the recorded answer holds, in English by design.
data="$data your name and answer stay on this page people who have copy will still have it help you get does not depend signing"
data="$data paper for check words agree witness ANSWER PERSON agreement $("$coplan" --home "$work/zz" --json agreement | jq -r .check_words)"
for format in html easy-read "html --for $zz --mine" paper-form "paper-form --for $zz" "paper-form --audience large"; do
    # shellcheck disable=SC2086
    clean export $format --version "$version"
done

step "English: the same bytes whatever catalogue there is, in every place C"
"$coplan" --home "$work/zz" check >"$work/english" 2>&1
for place in "LC_ALL=C LANGUAGE=qps" "LC_ALL=POSIX LANGUAGE=qps" "LC_ALL=C.UTF-8 LANGUAGE=en" "LC_ALL=C.UTF-8 LANGUAGE=" \
    "LC_ALL=en_GB.UTF-8 LANGUAGE=" "LC_ALL=C.UTF-8 LANGUAGE=cy" "LC_ALL=C.UTF-8 LANGUAGE=../../qps" \
    "LC_ALL=C.UTF-8 LANGUAGE=en:qps"; do
    # shellcheck disable=SC2086
    env COPLAN_LOCALE_DIR="$locale" $place "$coplan" --home "$work/zz" check >"$work/screen" 2>&1
    ok "English in $place" cmp "$work/english" "$work/screen"
done
for place in "LC_ALL=C.UTF-8 LANGUAGE=qps" "LC_ALL=qps.UTF-8 LANGUAGE=" "LC_ALL= LC_MESSAGES=qps_ZZ.UTF-8" "LC_ALL= LANG=qps" \
    "LC_ALL=C.UTF-8 LANGUAGE=cy:qps:en"; do
    # shellcheck disable=SC2086
    env -u LANGUAGE -u LC_MESSAGES COPLAN_LOCALE_DIR="$locale" $place "$coplan" --help >"$work/screen" 2>&1
    ok "the other language in $place" grep -q "⟦" "$work/screen"
done

step "a catalogue that is cut short, twisted or does not fit is passed over"
mkdir -p "$locale/qpt/LC_MESSAGES" "$locale/qpu/LC_MESSAGES"
size=$(wc -c <"$locale/qps/LC_MESSAGES/coplan.mo")
for cut in 0 1 27 28 100 $((size / 2)) $((size - 1)); do
    head -c "$cut" "$locale/qps/LC_MESSAGES/coplan.mo" >"$locale/qpt/LC_MESSAGES/coplan.mo"
    COPLAN_LOCALE_DIR="$locale" LANGUAGE=qpt "$coplan" --home "$work/zz" check >"$work/screen" 2>&1
    ok "English where $cut bytes are left" cmp "$work/english" "$work/screen"
done
cat >"$work/qpu.po" <<'PO'
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\n"
msgctxt "screen"
msgid "Your home is ready, {1}."
msgstr "⟦no place⟧"
msgctxt "screen"
msgid "Changed."
msgstr "⟦changed⟧"
msgctxt "page"
msgid "Made with coplan"
msgstr "⟦made⟧"
msgctxt "page"
msgid "What we will do"
msgstr "<script>⟦x⟧"
PO
msgfmt -o "$locale/qpu/LC_MESSAGES/coplan.mo" "$work/qpu.po" 2>"$work/err"
COPLAN_LOCALE_DIR="$locale" LANGUAGE=qpu "$coplan" --home "$work/yy" init --name Yy --no-passphrase >"$work/screen" 2>&1
ok "the English where a place is lost" grep -q "Your home is ready, Yy\." "$work/screen"
not "the translator is told" "$words" check qpu "$locale"
COPLAN_LOCALE_DIR="$locale" "$coplan" --home "$work/zz" export html --language qpu >"$work/page.html"
ok "a page in somebody's language" grep -q '<html lang="qpu">' "$work/page.html"
ok "has its sentences" grep -q "⟦made⟧" "$work/page.html"
ok "and marks what falls back to English" grep -q '<h2[^>]*><span lang="en">What we will do</span>' "$work/page.html"
not "no element of a catalogue gets in" grep -q "<script>" "$work/page.html"

step "a plan in two languages is not made final in one"
run 0 zz set plan "languages+=en" "languages+=cy"
refused 1 not_ready zz freeze --stage agreement
holds '[.error.reasons[] | select(test("no words in: cy"))] | any(contains("Zz zz"))' "the item and the language"
run 1 zz check C2
get '.[0].reasons[] | select(.code | test("language")) | [.record // "plan", (.args[1].word? // (if .record then "text" else "title" end))] | join(" ")' \
    >"$work/missing"
ok "plain words, too" grep -q " plain$" "$work/missing"
ok "the plan's own" grep -q "^plan if_behind$" "$work/missing"
while read -r one field; do
    run 0 zz set "$one" "$field.cy=zz"
done <"$work/missing"
as zz freeze --stage agreement
holds '[.error.reasons[]? | select(test("no words in"))] | length == 0' "no language is missed any more"
as zz check C2
holds 'all(.[0].reasons[]; .code | test("language") | not)' "check says the same"
finish
