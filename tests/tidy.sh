#!/bin/sh
# The house rules that a machine can look at: who may include what, how long things may be, no unfinished work.
# Prints every fault and exits 1 when there is one. What it only warns of, it prints and passes.
#
#   sh tests/tidy.sh [FOLDER]      the repository to look at; this one when left out
set -eu
LC_ALL=C
export LC_ALL
root=$(cd "$(dirname "$0")/.." && pwd)
cd "${1:-$root}"

file_lines_max=600
function_lines_max=100
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/faults"
fault() { printf '%s\n' "$*" >>"$work/faults"; }

sources() { # sources FOLDER... : the C files below them
    for folder in "$@"; do
        [ ! -d "$folder" ] || find "$folder" -name node_modules -prune -o -name '*.[ch]' -print
    done | sort
}

# only WHAT PATTERN MESSAGE : faults for every include of WHAT in a C file whose name does not match PATTERN
only() {
    sources proto daemon client | while read -r file; do
        # shellcheck disable=SC2254  # a pattern on purpose
        case $file in $2) continue ;; esac
        if grep -n -E "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$1[>\"]" "$file" >"$work/hit"; then
            fault "$file:$(cut -d: -f1 "$work/hit" | head -1): $3"
        fi
    done
}
# never FOLDER WHAT MESSAGE : the same, for files below FOLDER
never() {
    sources "$1" | while read -r file; do
        if grep -n -E "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]$2" "$file" >"$work/hit"; then
            fault "$file:$(cut -d: -f1 "$work/hit" | head -1): $3"
        fi
    done
}

only 'sqlite3\.h' 'daemon/store*' 'sqlite3.h belongs to daemon/store* alone'
only 'zmq[a-z_]*\.h' 'daemon/net*' 'zmq.h belongs to daemon/net* alone'
never proto '(daemon|client|tests)/' 'the core uses nobody'
never daemon '(client|tests)/' 'the daemon uses the core and itself'
never client '(daemon|tests)/' 'the client uses the core and itself'
# The core does no I/O. banned.h reads the headers of what it bans, to ban it.
sources proto | grep -v '^proto/banned\.h$' | while read -r file; do
    if grep -n -E '^[[:space:]]*#[[:space:]]*include[[:space:]]*<(sys/.*|unistd|time|fcntl|poll|pthread|threads|signal|errno|dirent|netdb|netinet/.*|arpa/.*)\.?h?>' \
        "$file" >"$work/hit"; then
        fault "$file:$(cut -d: -f1 "$work/hit" | head -1): the core does no I/O and knows no clock: $(cut -d: -f2- "$work/hit" | head -1)"
    fi
done
# One way to name a header, from the top of the repository, so that a reader sees whose it is.
sources proto daemon client tests | while read -r file; do
    grep -n -E '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' "$file" |
        grep -v -E '"(proto|daemon|client|tests)/' >"$work/hit" || continue
    fault "$file:$(cut -d: -f1 "$work/hit" | head -1): name the header from the top, as in \"proto/entry.h\""
done

# Length. A function is what stands between "{" and "}" in the first column.
sources proto daemon client tests | while read -r file; do
    lines=$(wc -l <"$file")
    [ "$lines" -le "$file_lines_max" ] || fault "$file: $lines lines; at most $file_lines_max, so divide it"
    awk -v max="$function_lines_max" -v file="$file" '
        /^\{[[:space:]]*$/ { start = FNR }
        /^\}/ { if (start && FNR - start - 1 > max)
                    printf "warning: %s:%d: a function of %d lines; %d is about enough\n", file, start,
                           FNR - start - 1, max
                start = 0 }' "$file"
done

# Unfinished work. A line that says when it will be done, TO-DO(when ...), is a promise and may stay.
# The words are put together here so that this file does not find itself.
todo="TO""DO"
marks="FIX""ME|X""XX|HA""CK|W""IP|$todo"
find proto daemon client tests docs .ci CMakeLists.txt README.md \
    \( -name node_modules -o -path tests/vectors -o -path tests/fuzz/corpus \) -prune -o -type f \
    \( -name '*.[ch]' -o -name '*.sh' -o -name '*.md' -o -name '*.txt' -o -name '*.js' -o -name '*.html' \
    -o -name '*.css' -o -name '*.py' -o -path client/start -o -path tests/run -o -path .ci/run \) \
    -print 2>/dev/null | sort | while read -r file; do
    grep -n -w -E "($marks)" "$file" | grep -v -E "$todo\(when [^)]+\)" >"$work/hit" || continue
    while IFS= read -r line; do
        fault "$file:${line%%:*}: unfinished work: $(printf '%s' "${line#*:}" | sed 's/^ *//' | cut -c1-90)"
    done <"$work/hit"
done

# The front door: five folders, two files and dot-files. build is where the builds go, and git ignores it.
for entry in *; do
    case $entry in
    client | daemon | proto | tests | docs | CMakeLists.txt | README.md | build) ;;
    *) fault "$entry: nothing else stands at the top level" ;;
    esac
done

# Each header compiles alone, so that including it never depends on what came before.
if command -v "${CC:-cc}" >/dev/null; then
    flags="-std=c11 -fsyntax-only -I. -Wall -Wextra -Werror"
    for library in libsodium libzmq sqlite3 msgpack jansson; do
        flags="$flags $(pkg-config --cflags $library 2>/dev/null || :)"
    done
    sources proto daemon client tests/support | grep '\.h$' | while read -r file; do
        posix="-D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE"
        case $file in proto/*) posix="" ;; esac
        printf '#include "%s"\ntypedef int nothing;\n' "$file" >"$work/alone.c"
        # shellcheck disable=SC2086
        if ! ${CC:-cc} $flags $posix "$work/alone.c" >"$work/hit" 2>&1; then
            fault "$file: does not compile alone: $(grep -m1 error "$work/hit")"
        fi
    done
fi

if [ -s "$work/faults" ]; then
    cat "$work/faults"
    echo "tidy: $(wc -l <"$work/faults") faults"
    exit 1
fi
echo "tidy: nothing to say"
