# Read by client/start and tests/run (". client/install.sh"), from the top of the repository. It owns two
# things that both need: getting the missing Debian packages, and making one kind of build.

# install_missing FILE... : installs the packages listed in the files that are not there yet. Does nothing at
# all, and asks nobody for rights, when nothing is missing. 0 when all are there, 2 when they cannot be had.
install_missing() {
    missing=""
    for package in $(cat "$@" | grep -v '^ *#'); do
        dpkg -s "$package" 2>/dev/null | grep -q '^Status: install ok installed' || missing="$missing $package"
    done
    [ -n "$missing" ] || return 0

    if ! command -v apt-get >/dev/null; then
        echo "These are missing, and there is no apt-get here to fetch them:$missing" >&2
        return 2
    fi
    as_root=""
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "These are missing:$missing" >&2
            echo "Ask someone who looks after this computer to run: apt-get install$missing" >&2
            return 2
        fi
        as_root="sudo"
    fi
    echo "Fetching:$missing" >&2
    install_log=$(mktemp)
    # shellcheck disable=SC2086  # the list is words on purpose
    if $as_root apt-get -q update >"$install_log" 2>&1 &&
        $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get -q -y --no-install-recommends install $missing >>"$install_log" 2>&1; then
        rm -f "$install_log"
        return 0
    fi
    cat "$install_log" >&2
    rm -f "$install_log"
    echo "Could not fetch:$missing" >&2
    return 2
}

# build_preset PRESET TARGET [-DNAME=VALUE...] : brings build/PRESET up to date. Says nothing when it works
# and everything when it does not. Two of these at once wait for each other.
build_preset() {
    preset=$1
    target=$2
    shift 2
    mkdir -p "build/$preset"
    generator=""
    if [ ! -e "build/$preset/CMakeCache.txt" ] && command -v ninja >/dev/null; then
        generator="-GNinja"
    fi
    build_log="build/$preset/build.log"
    # -o: a daemon that a test leaves running must not hold the lock
    # shellcheck disable=SC2016,SC2086
    if ! flock -o "build/$preset/.lock" sh -c '
        log=$1; preset=$2; target=$3; shift 3
        cmake -S . -B "build/$preset" -DCOPLAN_PRESET="$preset" "$@" >"$log" 2>&1 &&
            cmake --build "build/$preset" --target "$target" --parallel "$(nproc)" >>"$log" 2>&1
        ' build "$build_log" "$preset" "$target" $generator "$@"; then
        cat "$build_log" >&2
        echo "The build $preset failed." >&2
        return 1
    fi
}
