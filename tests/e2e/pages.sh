# Pages for the screen, in Easy Read, on one sheet, and as PDF: as the Nu checker, axe in a browser, pdfinfo and qpdf see
# them, with hostile words in every place; the same bytes on two devices; nobody's side unless asked for and allowed.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_files.sh"
needs node java chromium pdfinfo pdftotext qpdf cmark
needs_npm vnu-jar axe-core playwright-core jsqr

# The checker and the browser take seconds to begin: pages are put by as they are now, and each looks at all of them once.
# valid FILE... : HTML as the standard has it, without an error or a warning; of hostile words ($words) without an error
mkdir "$work/calm" "$work/hostile"
kept=100
words=calm
valid() {
    for page in "$@"; do
        kept=$((kept + 1))
        cp "$page" "$work/$words/$kept-$(basename "$page")"
    done
}
# looked_at KIND:FILE... : in a browser, with axe
looked=""
looked_at() {
    for page in "$@"; do
        kept=$((kept + 1))
        cp "${page#*:}" "$work/$kept-$(basename "${page#*:}")"
        looked="$looked ${page%%:*}:$work/$kept-$(basename "${page#*:}")"
    done
}
# all_valid FOLDER OPTION...
all_valid() {
    checks=$((checks + 1))
    all_folder=$1
    shift
    java -jar "$COPLAN_NPM/vnu-jar/build/dist/vnu.jar" --asciiquotes --stdout "$@" "$all_folder"/*.html >"$all_folder/said" 2>&1 &&
        ! [ -s "$all_folder/said" ] && return
    bad "the Nu checker is not content"
    head -20 "$all_folder/said" | cut -c1-400
}
all_looked_at() {
    checks=$((checks + 1))
    # shellcheck disable=SC2086  # a list of names without blanks
    node "$COPLAN_SRC/tests/e2e/_pages.cjs" $looked >"$work/looked" 2>&1 && return
    bad "a page is not as it should be"
    head -20 "$work/looked" | cut -c1-500
}
# says FILE TEXT... : the file holds each of them as they are
says() {
    says_file=$1
    shift
    for says_text in "$@"; do
        checks=$((checks + 1))
        grep -q -F -e "$says_text" "$says_file" || bad "$(basename "$says_file") does not say: $says_text"
    done
}
# silent FILE TEXT... : the file holds none of them
silent() {
    says_file=$1
    shift
    for says_text in "$@"; do
        checks=$((checks + 1))
        ! grep -q -F -e "$says_text" "$says_file" || bad "$(basename "$says_file") says: $says_text"
    done
}
# pages HOME OPTION... : writes all of them to $work/HOME-*.html
pages() {
    pages_home=$1
    shift
    run 0 "$pages_home" export html "$@" --out "$work/$pages_home-plan.html"
    run 0 "$pages_home" export html --audience large "$@" --out "$work/$pages_home-large.html"
    run 0 "$pages_home" export easy-read "$@" --out "$work/$pages_home-easy.html"
    run 0 "$pages_home" export why "$@" --out "$work/$pages_home-why.html"
    run 0 "$pages_home" export why --audience professional "$@" --out "$work/$pages_home-whypro.html"
}
# words_of FILE : the words of a PDF with one space between, into $work/words
words_of() {
    pdftotext "$1" - | tr -s '[:space:]\f' ' ' >"$work/words"
}

step "an empty plan has its pages too"
home asha "Asha"
home bill "Bill"
run 0 asha plan new "The garden"
bring asha bill
pages asha
valid "$work"/asha-*.html
looked_at "plan:$work/asha-plan.html" "easy:$work/asha-easy.html"
says "$work/asha-plan.html" "This is a draft." "There are no actions yet." "<title>The garden</title>"
refused 2 usage asha export html --audience everybody
refused 2 not_found asha export html --version 0123456789
refused 2 not_found asha export html --for "Nobody of that name"
refused 2 usage asha export pdf
refused 2 usage asha export html --language "not a language"
refused 2 usage asha export html --mine
refused 2 usage asha export why --audience large
refused 2 usage asha export csv --version 012345
refused 2 usage asha export html --todo

step "a plan with every field that P9 asks for"
run 0 asha set plan "purpose=A place to meet" "first_review=2031-06-01" "review_every=P3M" "reviewer=Bill" \
    "if_behind=We meet within a week" "budget_pence=150000" "languages+=en" "languages+=cy" "title.cy=Yr ardd"
add asha benefit "We sleep better" "plain=We sleep well." "strength_of_evidence=research" "source=A town's survey" \
    "link=http://127.0.0.1/survey"
add asha inaction "People stay away" "plain=People stay at home." "strength_of_evidence=lived_experience"
add asha priority "Less lonely" "state=chosen" "plain=We are less alone."
add asha resource "Grant" "amount=100000" "unit=pence" "plain=We have some money."
grant=$id
add asha action "Open the garden on Sundays" "text.cy=Agor yr ardd" "plain=We open the garden.
Everyone can come." "details=From two to four" "lead=Asha" "helpers+=Bill" "consulted+=Bill" "informed+=Bill" \
    "start=2031-04-01" "due=2031-09-30" "repeats=weekly" "costs+=$grant:80000" "cost_pence=1250" "effort_minutes=150" \
    "measure=Ten people come" "baseline=two" "target=ten" "measure_unit=people" "checked_by=Bill" "check_every=P1M" \
    "picture=🌻" "picture_alt=A sunflower"
action=$id
run 0 asha set me "perspectives+=carer"
pages asha
valid "$work"/asha-*.html
looked_at "plan:$work/asha-plan.html" "plan:$work/asha-large.html" "easy:$work/asha-easy.html" \
    "why:$work/asha-why.html" "plan:$work/asha-whypro.html"
says "$work/asha-plan.html" "Open the garden on Sundays" 'lang="cy">Agor yr ardd' "From two to four" "1 April 2031" \
    "30 September 2031" "weekly" "£800.00 from <bdi>Grant</bdi>" "£12.50" "2 hours 30 minutes" "Ten people come" "every month"
says "$work/asha-easy.html" "<bdi>Asha</bdi> makes sure it happens." "<bdi>Bill</bdi> helps." "Everyone can come." \
    "It is done by <time datetime=\"2031-09-30\">30 September 2031</time>." 'aria-label="Picture: A sunflower"'
silent "$work/asha-easy.html" "From two to four"
says "$work/asha-why.html" "We sleep well." "People stay at home."
silent "$work/asha-why.html" "survey" "Open the garden"
says "$work/asha-whypro.html" "A town&#39;s survey" "http://127.0.0.1/survey" "someone has lived it"
run 0 asha export html --language cy --out "$work/cy.html"
says "$work/cy.html" "Agor yr ardd" "Yr ardd"
silent "$work/cy.html" "Open the garden on Sundays"
run 0 asha export html --for Bill --mine --out "$work/mine.html"
says "$work/mine.html" "Your part: <bdi>Bill</bdi>"
valid "$work/cy.html" "$work/mine.html"

step "what is hard to read in Easy Read is said on stderr"
add asha benefit "Stakeholders synergise" "plain=We will implement a very long sentence with many more words than anybody who reads slowly would ever wish to find here."
hard=$id
run 0 asha export easy-read --out "$work/easy.html"
ok "a long sentence" grep -q "A long sentence (22 words, 15 is the most): We will implement" "$work/err"
ok "a better word" grep -q "^implement: perhaps say do" "$work/err"
run 0 asha set "$hard" "plain="
run 0 asha export easy-read --out "$work/easy.html"
ok "no plain words" grep -q "No plain words yet: Stakeholders synergise" "$work/err"
ok "a hard word" grep -q "Hard words: synergise" "$work/err"
run 0 asha set "$hard" "state=set aside"
run 0 asha export easy-read --out "$work/easy.html"
not "nothing of that is left" grep -q "synergise" "$work/err" "$work/easy.html"

step "nobody's side, but of those who let it show and where it is asked for"
silent "$work/asha-plan.html" "carer"
run 0 asha export html --with-sides --out "$work/sides.html"
silent "$work/sides.html" "carer"
run 0 asha note consent plan "yes" "scope=perspective" "given=yes"
run 0 asha export html --out "$work/sides.html"
silent "$work/sides.html" "carer"
run 0 asha export html --with-sides --out "$work/sides.html"
says "$work/sides.html" "<bdi>Asha</bdi> (<bdi>carer</bdi>)"
run 0 asha note consent plan "no more" "scope=perspective" "given=no"
run 0 asha export html --with-sides --out "$work/sides.html"
silent "$work/sides.html" "carer"

step "a final page: check words, who agreed, worries; what changes later is not on it"
run 0 asha freeze --stage agreement --anyway "We want to begin"
version=$(get .version)
check_words=$(get .check_words)
run 0 asha sign "$version" --worry "It may rain" --would-agree-if "There is a tent" --will all
run 0 asha set "$action" "details=From three to five"
pages asha --version "$version"
valid "$work"/asha-*.html
looked_at "plan:$work/asha-plan.html" "easy:$work/asha-easy.html"
says "$work/asha-plan.html" "Check words: $check_words" "$version" "From two to four" "It may rain" "There is a tent" \
    "I agree, but I have a worry" "not agreed yet" "We want to begin" "Agor yr ardd" "£800.00 from <bdi>Grant</bdi>"
silent "$work/asha-plan.html" "From three to five" "This is a draft"
says "$work/asha-easy.html" "$check_words" "It may rain" "We wait for <bdi>Bill</bdi>."

step "the form for an answer on paper: in each form, and printed with the check words on every sheet"
run 0 asha export paper-form --version "$version" --for Bill --out "$work/asha-form.html"
run 0 asha export paper-form --version "$version" --for Asha --audience easy-read --out "$work/asha-easyform.html"
run 0 asha export paper-form --version "$version" --audience large --language cy --out "$work/asha-largeform.html"
refused 2 usage asha export paper-form --mine --for Bill
refused 2 usage asha export paper-form --audience professional
refused 2 usage asha export paper-form --version "$version" --pdf
valid "$work"/asha-*form.html
looked_at "plan:$work/asha-form.html" "easy:$work/asha-easyform.html" "plan:$work/asha-largeform.html"
says "$work/asha-form.html" "This form is for <bdi>Bill</bdi>." "Agor yr ardd" "I will, if:" "Keep this slip" \
    "<title>Answer on paper: The garden</title>"
silent "$work/asha-form.html" "It may rain" "Who agreed" "From three to five"
says "$work/asha-largeform.html" "Makes sure it happens: <bdi>Asha</bdi>" "Your name:" "Yr ardd"
run 0 asha export paper-form --version "$version" --for Bill --pdf --out "$work/form.pdf"
ok "qpdf finds nothing wrong" qpdf --check "$work/form.pdf"
sheets=$(pdfinfo "$work/form.pdf" | sed -n 's/^Pages: *//p')
sheet=1
while [ "$sheet" -le "$sheets" ]; do
    ok "check words on sheet $sheet" sh -c "pdftotext -f $sheet -l $sheet '$work/form.pdf' - | grep -q -F 'Check words: $check_words'"
    sheet=$((sheet + 1))
done
ok "the slip is whole on the last sheet" sh -c "pdftotext -f $sheets -l $sheets '$work/form.pdf' - | tr -s '[:space:]' ' ' |
    grep -q -F 'Keep this slip The plan: The garden'"
ok "with what its keeper asks for" sh -c "pdftotext -f $sheets -l $sheets '$work/form.pdf' - | grep -q -F 'coplan agreement'"

step "PDF: tagged, with title and language, every field of P9, check words and pages at the foot"
run 0 asha export pdf --version "$version" --out "$work/plan.pdf"
ok "qpdf finds nothing wrong" qpdf --check "$work/plan.pdf"
pdfinfo "$work/plan.pdf" >"$work/info"
ok "tagged" grep -q -E '^Tagged: +yes$' "$work/info"
ok "its title" grep -q -E '^Title: +The garden$' "$work/info"
ok "A4" grep -q -F "(A4)" "$work/info"
qpdf --qdf --object-streams=disable "$work/plan.pdf" "$work/plan.qdf"
ok "its language" grep -a -q "/Lang (en)" "$work/plan.qdf"
ok "and the other's" grep -a -q "/Lang (cy)" "$work/plan.qdf"
pdfinfo -struct "$work/plan.pdf" >"$work/struct" 2>&1
for tag in H1 H2 Table TH TD; do
    ok "it has $tag" grep -q -w "$tag" "$work/struct"
done
words_of "$work/plan.pdf"
says "$work/words" "Open the garden on Sundays" "From two to four" "Asha" "Bill" "1 April 2031" "30 September 2031" \
    "weekly" "£800.00 from Grant" "£12.50" "2 hours 30 minutes" "Ten people come" "two" "ten" "every month" \
    "Check words: $check_words" "Page 1 of" "1 June 2031" "every 3 months" "We meet within a week" "It may rain"
sheets=$(sed -n 's/^Pages: *//p' "$work/info")
says "$work/words" "Page $sheets of $sheets"
run 0 asha export pdf --audience easy-read --out "$work/easy.pdf"
words_of "$work/easy.pdf"
says "$work/words" "Asha makes sure it happens." "Draft: it can still change"
ok "nothing of the printing is left" sh -c "! ls -d ${TMPDIR:-/tmp}/coplan-print.* 2>/dev/null"

step "why do this, on one sheet"
chromium_print() {
    HOME=$work chromium --headless --no-sandbox --disable-gpu "--user-data-dir=$work/profile" --no-pdf-header-footer \
        "--print-to-pdf=$2" "file://$1" >/dev/null 2>&1
}
for text in "We are less alone" "We meet people" "We get out"; do
    add asha benefit "$text" "plain=$text."
done
add asha inaction "Shops close" "plain=Shops close."
add asha inaction "Friends move away" "plain=Friends move away."
run 0 asha export why --out "$work/sheet.html"
chromium_print "$work/sheet.html" "$work/sheet.pdf"
equal 1 "$(pdfinfo "$work/sheet.pdf" | sed -n 's/^Pages: *//p')" "sheets"

step "no browser: says what to install, and what to do instead"
mkdir "$work/bin"
for tool in env; do ln -s "$(command -v $tool)" "$work/bin/$tool"; done
last="export pdf without a browser"
PATH="$work/bin" "$coplan" --home "$work/asha" --json export pdf --out "$work/none.pdf" >"$work/out" 2>"$work/err"
status=$?
equal 3 "$status" "exit status"
is .error.code no_browser
holds '.error.message | contains("apt-get install chromium")' "what to install"
not "no file" test -e "$work/none.pdf"
printf '#!/bin/sh\nexit 1\n' >"$work/bin/chromium"
chmod +x "$work/bin/chromium"
PATH="$work/bin:/bin" "$coplan" --home "$work/asha" --json export pdf --out "$work/none.pdf" >"$work/out" 2>"$work/err"
status=$?
equal 3 "$status" "exit status of a browser that fails"
is .error.code no_browser
alive asha

step "hostile words stay words"
home eve '</title><script>alert(1)</script> "Eve" ‮'
bring asha eve
hostile eve
hostile_text='</style></title><script>alert(1)</script>"&amp;'"'"' <!-- ]]> '
add eve priority "$hostile_text" "state=chosen" "picture=\" onerror=\"alert(1)" "picture_alt=\"><script>alert(2)</script>" \
    "plain=$hostile_text
$(printf '\357\277\276\357\267\220 nonsense \342\200\256 turned')"
add eve action "$hostile_text" "lead=me" "baseline=$hostile_text" "repeats=$hostile_text" "due=2031-05-31" "measure=$hostile_text"
printf 'what,"<b>bold</b> ""onclick=1"""\r\n"=1+1","<script>alert(3)</script>"\r\n' >"$work/in.csv"
run 0 eve import "$work/in.csv"
run 0 eve set plan "purpose=$hostile_text" "title=$hostile_text"
meet eve asha
pages asha
words=hostile
valid "$work"/asha-*.html
looked_at "plan:$work/asha-plan.html" "easy:$work/asha-easy.html" "plan:$work/asha-large.html" "why:$work/asha-why.html"
says "$work/asha-plan.html" "&lt;script&gt;alert(1)&lt;/script&gt;" '\u{202e}' '\u{1b}' '\u{fffe}' '\u{fdd0}' "=HYPERLINK("
for page in "$work"/asha-*.html; do
    checks=$((checks + 1))
    LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$page" && bad "$(basename "$page") holds a control character"
done
run 0 asha export pdf --out "$work/hostile.pdf"
ok "its PDF is whole" qpdf --check "$work/hostile.pdf"
ok "and tagged" sh -c "pdfinfo '$work/hostile.pdf' | grep -q -E '^Tagged: +yes$'"

run 0 eve freeze --stage agreement --anyway "$hostile_text"
hostile_page=$(get .version)
meet eve asha
pages asha --version "$hostile_page"
run 0 asha export paper-form --version "$hostile_page" --out "$work/asha-form.html"
run 0 asha export paper-form --version "$hostile_page" --for "$person_eve" --audience easy-read --out "$work/asha-easyform.html"
rm -f "$work/asha-largeform.html"
valid "$work"/asha-*.html
looked_at "plan:$work/asha-form.html" "easy:$work/asha-easyform.html"
for page in "$work"/asha-*.html; do
    checks=$((checks + 1))
    LC_ALL=C grep -q "$(printf '[\001-\010\013-\037\177]')" "$page" && bad "$(basename "$page") holds a control character"
done
run 0 asha export evidence --html --on 2031-01-01 --out "$work/asha-evidence.html"
valid "$work/asha-evidence.html"
looked_at "evidence:$work/asha-evidence.html"
rm "$work/asha-evidence.html"
# A form that is neither for eye nor printer comes as text: to be read out, or signed.
for format in audio standard easy_read large_print; do
    run 0 asha hand-out "$hostile_page" --who "$person_eve" --format "$format" --out "$work/asha-handout.$format"
done
for format in standard easy_read large_print; do mv "$work/asha-handout.$format" "$work/asha-handout-$format.html"; done
valid "$work"/asha-handout-*.html
looked_at "plan:$work/asha-handout-standard.html" "easy:$work/asha-handout-easy_read.html" "plan:$work/asha-handout-large_print.html"
rm "$work"/asha-handout-*.html
ok "cmark reads the text to be read out" sh -c "cmark --to xml --unsafe '$work/asha-handout.audio' >'$work/handout.xml'"
not "no link, picture or HTML of theirs" grep -q -e '<link' -e '<image' -e '<html_' -e '<code' "$work/handout.xml"
run 0 eve export paper-form --version "$hostile_page" --out "$work/eve-form.html"
ok "the same form on both" cmp "$work/asha-form.html" "$work/eve-form.html"
rm "$work/asha-form.html" "$work/asha-easyform.html"

step "the recovery sheet as a page: the letters, and the same for a camera; an invitation for a camera"
refused 2 bad_file lone init --name Lone --no-passphrase --sheet "$work/no/such/folder.html"
refused 2 no_home lone --no-start plan list
echo "mine" >"$work/sheet.html"
refused 2 bad_file lone init --name Lone --no-passphrase --sheet "$work/sheet.html"
equal mine "$(cat "$work/sheet.html")" "what was there stays"
rm "$work/sheet.html"
run 0 lone init --name "$(printf '<b>L\303\266ne</b> \342\200\256& "=1+1"')" --no-passphrase --sheet "$work/sheet.html"
letters=$(get .recovery)
is .sheet "$work/sheet.html"
equal 600 "$(stat -c %a "$work/sheet.html")" "for its owner alone"
equal "$letters" "$(node "$COPLAN_SRC/tests/e2e/_qr.cjs" svg "$work/sheet.html")" "what a camera reads"
equal "$letters" "$(sed -n 's/^<li><span>[1-8]<.span> \([0-9A-Z]*\)<.li>$/\1/p' "$work/sheet.html" | paste -sd -)" "what people read"
says "$work/sheet.html" "&lt;b&gt;L" "{202e}" "coplan recover SHEET INVITE-OR-FILE"
silent "$work/sheet.html" "<b>" "$(printf '\342\200\256')"
serve lone
refused 2 bad_file lone person add --name Two --no-passphrase --sheet "$work/sheet.html"
run 0 lone person add --name Two --no-passphrase --sheet "$work/two.html"
equal "$(get .recovery)" "$(node "$COPLAN_SRC/tests/e2e/_qr.cjs" svg "$work/two.html")"
valid "$work/sheet.html" "$work/two.html"
looked_at "plan:$work/sheet.html"
run 0 asha invite --qr
equal "$(get .invite)" "$(node "$COPLAN_SRC/tests/e2e/_qr.cjs" screen "$work/err")" "an invitation for a camera"

step "two wordings are both on the page, on both devices, byte for byte"
meet asha bill
run 0 asha set "$action" "due=2031-10-01" "details=One wording"
run 0 bill set "$action" "due=2031-10-02" "details=Another wording"
meet bill asha
same asha bill
pages asha
pages bill
says "$work/asha-plan.html" "One wording" "Another wording" "1 October 2031" "2 October 2031"
says "$work/asha-easy.html" "Two of us wrote different things here."
for page in plan large easy why whypro; do
    ok "the same $page page on both" cmp "$work/asha-$page.html" "$work/bill-$page.html"
done
pages asha --version "$version"
pages bill --version "$version"
for page in plan large easy why whypro; do
    ok "the same $page page of a final one on both" cmp "$work/asha-$page.html" "$work/bill-$page.html"
done
valid "$work"/asha-*.html

step "the Nu checker and the browser with axe, of all that was put by"
all_valid "$work/calm"
all_valid "$work/hostile" --errors-only # it guesses languages, and takes a line of x for Maltese
all_looked_at
finish
