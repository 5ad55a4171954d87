# What the scripts of the standard share. Read after tests/e2e/lib.sh.

# check_is STATUS HOME CRITERION MET : one criterion, its exit status and what its row says
check_is() {
    run "$1" "$2" check "$3"
    is ".[0].criterion" "$3" "the row asked for comes first"
    is ".[0].met" "$4" "check $3 at $2's"
    holds 'all(.[]; (.why | type) == "array" and (.records | type) == "array")' "why and records are lists"
}
# reason CODE : the last check says so
reason() {
    holds "any(.[].reasons[]; .code == \"$1\")" "reason $1"
}
# no_reason CODE
no_reason() {
    holds "all(.[].reasons[]; .code != \"$1\")" "no reason $1"
}
# early HOME : HOME as it is now is what `dealt` begins with. Once everybody is in, and before what the test is about
early() {
    run 0 "$1" daemon stop
    rm -rf "$work/early"
    cp -R "$work/$1" "$work/early" || fatal "no copy of $1"
    serve "$1"
}
# dealt SEED HOME... : makes the home "dealt": the early one, into which everything that HOMEs hold came one record at a
# time in an order of chance (tests/e2e/deal.c). It shows what the first of them shows
dealt() {
    dealt_seed=$1
    shift
    dealt_from=
    [ ! -d "$work/dealt" ] || run 0 dealt daemon stop
    for dealt_home in "$@"; do
        run 0 "$dealt_home" daemon stop
        dealt_from="$dealt_from $work/$dealt_home"
    done
    rm -rf "$work/dealt"
    cp -R "$work/early" "$work/dealt" || fatal "no early home"
    # shellcheck disable=SC2086  # a list of folders
    "$COPLAN_BIN/tests/e2e/deal" "$dealt_seed" "$work/dealt" $dealt_from >"$work/dealt.out" 2>&1 || fatal "$(cat "$work/dealt.out")"
    checks=$((checks + 1))
    [ "$(cat "$work/dealt.out")" -gt 0 ] || bad "nothing was dealt"
    for dealt_home in "$@" dealt; do serve "$dealt_home"; done
    same "$1" dealt
}
