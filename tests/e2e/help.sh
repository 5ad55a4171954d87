# Help: every command explains itself, without a home, without a daemon, in plain words.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

# asks NAME... : its --help
asks() {
    checks=$((checks + 1))
    last="coplan $* --help"
    "$coplan" --home "$work/nobody" "$@" --help >"$work/out" 2>"$work/err" </dev/null
    status=$?
    [ "$status" -eq 0 ] || bad "$last: expected exit 0, got $status"
    [ -s "$work/out" ] || bad "$last: printed nothing on stdout"
    [ ! -s "$work/err" ] || bad "$last: printed on stderr"
    grep -q -F "$*" "$work/out" || bad "$last: does not name the command"
    long=$(awk 'length($0) > 110' "$work/out" | head -1)
    [ -z "$long" ] || bad "$last: a line is too long for a screen: $long"
}
step "coplan --help names every command"
asks
cp "$work/out" "$work/all"
for command in init daemon unlock lock status plan add set list show wordings choose rate note log digest invite join people \
    sync peers freeze text sign withdraw agreement changes proof verify import export; do
    checks=$((checks + 1))
    grep -q -w -e "$command" "$work/all" || bad "coplan --help does not name $command"
    asks $command
done
for command in "daemon start" "daemon stop" "daemon status" "plan new" "plan list"; do
    # shellcheck disable=SC2086
    asks $command
done
step "options are explained"
# explains OPTION COMMAND
explains() {
    checks=$((checks + 1))
    "$coplan" "$2" --help </dev/null 2>&1 | grep -q -e "$1" || bad "coplan $2 --help does not name $1"
}
explains --stage freeze
explains --anyway freeze
for option in --agree --worry --aside --no --will --will-if --cannot --would-agree-if; do explains "$option" sign; done
explains --keep choose
explains --write choose
explains --out proof
explains --as import
explains --stay sync
for option in --home --plan --json --passphrase-file --no-start; do
    checks=$((checks + 1))
    grep -q -e "$option" "$work/all" || bad "coplan --help does not name $option"
done
step "with --json help is one JSON value, too"
for wanted in "--help" "--version" "list --help" "plan --help"; do
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    "$coplan" --home "$work/nobody" --json $wanted >"$work/out" 2>"$work/err" </dev/null
    jq -e -s 'length == 1 and (.[0] | type == "string" and length > 5)' "$work/out" >/dev/null 2>&1 || bad "--json $wanted: not one string"
done
step "the daemon explains itself too"
"$copland" --help >"$work/out" 2>"$work/err" </dev/null
equal 0 $? "exit status of copland --help"
ok "it names --home" grep -q -e --home "$work/out"
step "nothing was made and nothing was started"
ok "no home" test ! -e "$work/nobody"
equal 0 "$(daemons | wc -l | tr -d ' ')" "daemons"
step "used wrongly: exit 2, words on stderr, nothing on stdout"
for wrong in "dance" "--loudly list" "list --loudly" "plan dance" "daemon"; do
    checks=$((checks + 1))
    # shellcheck disable=SC2086
    "$coplan" --home "$work/nobody" $wrong >"$work/out" 2>"$work/err" </dev/null
    status=$?
    last="coplan $wrong"
    [ "$status" -eq 2 ] || bad "coplan $wrong: expected exit 2, got $status"
    [ -s "$work/err" ] || bad "coplan $wrong: says nothing on stderr"
done
finish
