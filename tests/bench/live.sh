# How soon an edit on one device shows on another with which it stays in touch: two real daemons on loopback, edits from
# both sides in turn. From the answer of `add` on one to the first answer of `show` on the other, which asks again at once;
# so what one `show` takes is within it, and stands below.
#
#   sh tests/run bench live [EDITS]     (200)
. "${COPLAN_SRC:-.}/tests/e2e/lib.sh"
edits=${1:-200}

now_us() { echo $(($(date +%s%N) / 1000)); }
shows() { "$coplan" --home "$work/$1" --json show "$2" >/dev/null 2>&1; }
# middle FILE: the median; last FILE: the greatest
middle() { sort -n "$1" | sed -n "$((($(wc -l <"$1") + 1) / 2))p"; }
last() { sort -n "$1" | tail -n 1; }

home one "One"
home two "Two"
run 0 one plan new "A plan of two"
bring one two
address two
run 0 one sync --stay "$address"
n=0
while [ "$n" -lt "$edits" ]; do
    n=$((n + 1))
    from=one to=two
    [ $((n % 2)) -eq 0 ] || { from=two to=one; }
    add "$from" need "Edit $n"
    begun=$(now_us)
    until shows "$to" "$id"; do :; done
    echo $(($(now_us) - begun)) >>"$work/shown"
    begun=$(now_us)
    shows "$from" "$id"
    echo $(($(now_us) - begun)) >>"$work/asked"
done
echo "two live devices on loopback, $edits edits: until an edit shows on the other"
echo "  median $(middle "$work/shown") us, at most $(last "$work/shown") us     aim 50,000 or less"
echo "  of that one show: median $(middle "$work/asked") us"
finish
