# What every export must say beside words: that their author took them back, who speaks for whom, that somebody wrote down what
# was marked on paper; and nobody's name where they have not said that it may be shown. The same on two devices.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
. "$COPLAN_SRC/tests/e2e/_files.sh"
needs chromium pdftotext

gone="words withdrawn by their author"
# says FILE TEXT... / silent FILE TEXT... : the words of a file, tags and line ends aside
flat() { sed -e 's/<style>.*//' -e 's/<[^>]*>/ /g' "$1" | tr -s '[:space:]' ' '; }
says() {
    says_file=$1
    shift
    for says_text in "$@"; do
        checks=$((checks + 1))
        flat "$says_file" | grep -q -F -e "$says_text" || bad "$(basename "$says_file") does not say: $says_text"
    done
}
silent() {
    says_file=$1
    shift
    for says_text in "$@"; do
        checks=$((checks + 1))
        ! flat "$says_file" | grep -q -F -e "$says_text" || bad "$(basename "$says_file") says: $says_text"
    done
}
# told HOME FILE COMMAND... : what people see of it
told() {
    told_home=$1
    told_file=$2
    shift 2
    last="coplan --home $told_home $*"
    "$coplan" --home "$work/$told_home" "$@" >"$work/$told_file" 2>"$work/err" </dev/null || bad "it failed"
}
# exports HOME : all of them, as HOME.FORMAT
exports() {
    told "$1" "$1.html" export html
    told "$1" "$1.large.html" export html --audience large
    told "$1" "$1.easy.html" export easy-read
    told "$1" "$1.why.html" export why
    told "$1" "$1.whypro.html" export why --audience professional
    told "$1" "$1.md" export md
    told "$1" "$1.json" export json
    told "$1" "$1.ics" export ics
    told "$1" "$1.todo.ics" export ics --todo --with-names --with-health-words
    told "$1" "$1.csv" export csv
    told "$1" "$1.evidence.md" export evidence --on 2031-01-01
    told "$1" "$1.evidence.html" export evidence --html --on 2031-01-01
}

step "a plan with a word of Asha's in each place"
home asha "Asha"
home bill "Bill"
home chen "Chen"
home dina "Dina"
run 0 asha plan new "SECRETMARK the title"
for who in bill chen dina; do bring asha "$who"; done
add asha benefit "SECRETMARK we sleep" "strength_of_evidence=research"
benefit=$id
add asha priority "SECRETMARK quiet" "state=chosen" "plain=SECRETMARK calm"
priority=$id
add asha action "SECRETMARK open" "details=SECRETMARK with a key" "lead=Asha" "measure=SECRETMARK seen"
action=$id
add asha action "Close" "due=2031-06-01" "serves+=$priority"
closing=$id
run 0 asha set "$closing" "details=SECRETMARK slowly" "baseline=SECRETMARK now"
closes=$(get .entry)
add asha evidence "SECRETMARK a survey"
evidence=$id
add asha risk "SECRETMARK too loud"
risk=$id
run 0 asha set "$action" "due=2031-05-01"
run 0 asha set "$evidence" "check_again_on=2031-02-02"
run 0 asha set "$risk" "review_on=2031-03-03"
run 0 asha set plan "purpose=SECRETMARK to meet"
purpose=$(get .entry)
run 0 asha log
titled=$(get '[.[] | select(.what.kind == "plan") | .entry][0]')
for who in bill chen dina; do meet "$who" asha; done
for one in "$benefit" "$priority" "$action" "$closes" "$evidence" "$risk" "$purpose" "$titled"; do
    run 0 asha withdraw-words "$one"
done
meet bill asha
same asha bill

step "withdrawn: said in every export, and in none of them what was said"
exports asha
exports bill
for file in html large.html easy.html why.html whypro.html md json ics todo.ics csv evidence.md evidence.html; do
    silent "$work/asha.$file" SECRETMARK
    ok "the same $file on both" cmp "$work/asha.$file" "$work/bill.$file"
done
for file in html large.html easy.html why.html whypro.html md ics todo.ics evidence.md evidence.html; do
    says "$work/asha.$file" "$gone"
done
ok "the title of the page" grep -q -F "<h1><span class=\"gone\">($gone)</span></h1>" "$work/asha.html"
ok "of the page in Easy Read" grep -q -F "<h1><span class=\"gone\">($gone)</span></h1>" "$work/asha.easy.html"
says "$work/asha.html" "what exactly: ($gone)" "what it is for: ($gone)" "now: ($gone)" "how we will know: ($gone)"
says "$work/asha.easy.html" "what exactly: ($gone)"
ok "the heading in Markdown" grep -q -x -F "# *$gone*" "$work/asha.md"
says "$work/asha.evidence.md" "Evidence for \"$gone\"" "what we gain ($gone)"
says "$work/asha.ics" "SUMMARY:Our plan: something is to be done ($gone)" "SUMMARY:Time to look again: $gone" "SUMMARY:Is this still right? $gone"
jq -c '[.withdrawn, (.items | map(.withdrawn) | map(select(length > 0)) | length)]' "$work/asha.json" >"$work/out"
is '.[0] | sort | join(",")' "purpose,title"
is '.[1]' 6
run 0 asha export pdf --out "$work/plan.pdf"
pdftotext "$work/plan.pdf" "$work/plan.txt"
says "$work/plan.txt" "$gone"
silent "$work/plan.txt" SECRETMARK
told asha plans plan list
says "$work/plans" "$gone"
run 0 asha plan list
is '.[0].title_withdrawn' true
told asha status status
says "$work/status" "$gone"
run 0 asha set plan "title=Quieter"
run 0 asha plan list
is '.[0].title_withdrawn' false
told asha html2 export html
says "$work/html2" "Quieter"

step "a page made now, and the copies handed out of it, have neither the words nor a place for them"
run 0 asha set "$action" "text=Open up"
run 0 asha freeze --stage agreement --anyway "for the test"
version=$(get .version)
run 0 asha hand-out "$version" --who "$person_asha" --out "$work/copy.html"
silent "$work/copy.html" SECRETMARK
says "$work/copy.html" "Open up"
meet bill asha
run 0 bill hand-out "$version" --who "$person_bill" --format audio --out "$work/copy.md"
silent "$work/copy.md" SECRETMARK
told asha form export paper-form --version "$version"
silent "$work/form" SECRETMARK

step "who speaks for whom: a proxy's view and answer, and an answer on paper"
run 0 bill mandate --to Asha --until 2099-12-31
meet asha bill
run 0 asha rate "$priority" importance 4 --for Bill
run 0 asha sign "$version" --worry "Bill would rather have tea" --for Bill
run 0 asha paper "$version" --for Chen --agree
paper=$(get .answer)
meet bill asha
meet dina asha
run 0 bill witness "$paper"
run 0 dina witness "$paper"
meet bill asha
meet dina asha
meet bill asha
same asha bill
exports asha
exports bill
for file in html large.html easy.html md json evidence.md evidence.html; do
    ok "the same $file on both" cmp "$work/asha.$file" "$work/bill.$file"
done
jq -c '[.views[] | select(.measure == "importance")]' "$work/asha.json" >"$work/out"
is '.[0].person' "$person_bill"
is '.[0].by.person' "$person_asha"
is '.[0].by.name' "Asha"
run 0 bill rate "$priority" importance 3
told bill own.json export json
jq -c '[.views[] | select(.measure == "importance")]' "$work/own.json" >"$work/out"
is '.[0].by' null "their own is nobody else's"
is '.[0].value' 3
says "$work/asha.evidence.md" "an answer to the page, by Asha for Bill," "an answer to the page, Chen on paper, written down by Asha,"
says "$work/asha.evidence.html" "an answer to the page, by Asha for Bill," "an answer to the page, Chen on paper, written down by Asha,"
for file in html large easy; do
    case $file in
    html) told asha page.html export html --version "$version" ;;
    large) told asha page.html export html --audience large --version "$version" ;;
    easy) told asha page.html export easy-read --version "$version" ;;
    esac
    case $file in
    easy) says "$work/page.html" "Asha answered for Bill ." "Chen answered on paper." ;;
    *) says "$work/page.html" "electronic signature by Asha for Bill" "signed on paper, seen by" "written down by Asha" ;;
    esac
done

step "nobody's name beside a step before they said yes to it"
run 0 asha note achievement "$closing" "One of us came out to close" "for_person=Dina"
step=$(get .id)
told asha named.json export json
jq -c ".notes[] | select(.id == \"$step\")" "$work/named.json" >"$work/out"
is .for_a_member true
holds '.fields | has("for_person") | not' "nobody is named"
told asha shown show "$closing"
says "$work/shown" "a member"
silent "$work/shown" "Dina"
told asha evidence export evidence
silent "$work/evidence" "came out to close"
run 0 asha note consent "$step" "somebody else says yes" "scope=achievement" "given=yes"
told asha named.json export json
jq -c ".notes[] | select(.id == \"$step\")" "$work/named.json" >"$work/out"
is .for_a_member true "only their own yes counts"
meet dina asha
run 0 dina note consent "$step" "yes" "scope=achievement" "given=yes"
told dina named.json export json
jq -c ".notes[] | select(.id == \"$step\")" "$work/named.json" >"$work/out"
is .for_a_member false
is .fields.for_person "$person_dina"
told dina evidence export evidence
says "$work/evidence" "came out to close"
run 0 dina note consent "$step" "no more" "scope=achievement" "given=no"
meet dina asha
for who in asha dina; do
    told "$who" named.json export json
    jq -c ".notes[] | select(.id == \"$step\")" "$work/named.json" >"$work/out"
    is .for_a_member true "taken back, at $who's"
done
finish
