# Looking at a proof folder without coplan's daemon, home or network. Read by agree.sh and no.sh.

# alone COMMAND... : runs with an environment of nothing, where no home can be made
alone() {
    env -i PATH=/usr/bin:/bin HOME=/nonexistent LC_ALL=C.UTF-8 ${ASAN_OPTIONS:+ASAN_OPTIONS="$ASAN_OPTIONS"} \
        COPLAN_E2E="$work" "$@"
}
# verdict STATUS WORD DIR : what coplan verify says
verdict() {
    checks=$((checks + 1))
    last="coplan --json verify $3"
    alone "$coplan" --json verify "$3" >"$work/out" 2>"$work/err" </dev/null
    status=$?
    [ "$status" -eq "$1" ] || { bad "verify: expected exit $1, got $status"; return 1; }
    is .result "$2" "verify $3"
}
# names DIR : the NAMEs of those who answered
names() { (cd "$1/answers" && ls) | sed -n 's/\.txt$//p'; }
# by_ssh DIR NAME [SIG-OF] : what ssh-keygen says of one answer
by_ssh() {
    alone ssh-keygen -Y verify -f "$1/allowed_signers" -I "$2" -n coplan-agreement-v1 \
        -s "$1/answers/${3:-$2}.txt.sig" <"$1/answers/${3:-$2}.txt"
}
# good_proof DIR VERSION HOW-MANY : everything that anyone can check
good_proof() {
    verdict 0 good "$1"
    is '.answers | length' "$3" "answers in the proof"
    equal "$2" "$(sha256sum <"$1/version.txt" | cut -d' ' -f1)" "sha256sum version.txt is the version's id"
    equal "$3" "$(names "$1" | wc -l | tr -d ' ')" "answer files"
    for name in $(names "$1"); do
        checks=$((checks + 1))
        case $name in
        p-*[!a-z2-7]* | p-???????????) bad "NAME '$name' is not p- and base 32" ;;
        p-????????????*) ;;
        *) bad "NAME '$name' is not p- and 12 or more characters" ;;
        esac
        ok "the answer of $name names the version" grep -q -x "version $2" "$1/answers/$name.txt"
        ok "ssh-keygen calls the signature of $name good" by_ssh "$1" "$name"
    done
    for file in README.txt version.txt allowed_signers; do
        ok "$file is there" test -s "$1/$file"
    done
}
