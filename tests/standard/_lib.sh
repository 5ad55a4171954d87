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
