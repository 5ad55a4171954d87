# A file with a passphrase as editors write it, and a home that is locked.
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"

printf 'open sesame\n' >"$work/pass"
printf '\357\273\277open sesame\r\n' >"$work/pass.mark"
printf 'open\0sesame\n' >"$work/pass.zero"
printf 'o\0p\0e\0n\0\n\0' >"$work/pass.wide"

step "what would be cut to less than was chosen makes no home"
for file in pass.zero pass.wide; do
    GLOBAL="--passphrase-file $work/$file"
    refused 2 bad_text asha init --name Asha
    ok "no home" test ! -e "$work/asha/keys"
done

step "the mark of an editor is no part of it"
GLOBAL="--passphrase-file $work/pass.mark"
run 0 asha init --name Asha
GLOBAL="--passphrase-file $work/pass"
run 0 asha unlock
run 0 asha plan new "The garden"
run 0 asha lock
GLOBAL="--passphrase-file $work/pass.mark"
run 0 asha unlock
run 0 asha guide
run 0 asha lock
GLOBAL="--passphrase-file $work/pass.zero"
refused 2 bad_text asha unlock

step "in a locked home the guide says that it is locked; to a stage it needs none"
GLOBAL=
refused 3 locked asha guide
run 0 asha guide planning
finish
