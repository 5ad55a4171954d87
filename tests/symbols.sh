#!/bin/sh
# The core may not reach outside: no clock, sockets, files, randomness of its own, memory of its own, printing
# or exit. Its includes could hide such a call, its undefined symbols cannot.
#
#   sh tests/symbols.sh LIBRARY.a     of a build without sanitizers, which add symbols of their own
set -eu

library=${1:-build/release/libcoplan-proto.a}
if [ ! -f "$library" ]; then
    echo "symbols: no library $library: build it first" >&2
    exit 2
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Everything the core may call that it does not define, with the reason.
cat >"$work/allowed" <<'LIST'
^_GLOBAL_OFFSET_TABLE_$                 position-independent code
^__stack_chk_fail$                      the stack protector
^__assert_fail$                         asserts state facts of the programmer and stay on
^(__)?(memcpy|memmove|memset|memcmp|memchr|memrchr|mempcpy)(_chk)?$     pure
^str(n?len|n?cmp|r?chr|n?casecmp|str|spn|cspn|pbrk)$                    pure
^(__)?v?snprintf(_chk)?$                bounded, into the caller's memory
^__(v)?snprintf_chk$                    the same, fortified
^(bsearch|qsort|abs|labs|llabs)$        pure
^crypto_[a-z0-9_]+$                     libsodium: given keys and bytes in, bytes out (but see refused)
^sodium_(memzero|memcmp|is_zero|compare|increment|add|sub|pad|unpad)$   pure
^sodium_(bin2hex|hex2bin|bin2base64|base642bin|base64_encoded_len)$     pure
^ZSTD_(createCCtx_advanced|freeCCtx|CCtx_setParameter|CCtx_setPledgedSrcSize|compressStream2|compressBound)$     zstd: memory from the injected allocator
^ZSTD_(createDCtx_advanced|freeDCtx|decompressDCtx|getFrameContentSize|isError|getErrorCode)$                     the same; nothing kept between calls
LIST
# Parts of libsodium that draw randomness or memory by themselves, and would pass the list above.
cat >"$work/refused" <<'LIST'
^crypto_[a-z0-9_]*keygen$
^crypto_(sign|box|kx|box_curve25519x[a-z0-9]+|sign_ed25519)_keypair$
^crypto_box(_curve25519x[a-z0-9]+)?_seal$
^crypto_secretstream_[a-z0-9]+_init_push$
^crypto_pwhash_[a-z0-9_]*str$
^crypto_pwhash_str(_alg)?$
^crypto_core_[a-z0-9]+_(scalar_)?random$
LIST
sed 's/[[:space:]].*//' "$work/allowed" >"$work/allowed.re"

# outside FILE : the undefined symbols of an object or library that it does not define itself
outside() {
    nm -P -g "$1" 2>/dev/null | awk 'NF >= 2 && $2 != "U" && $2 != "w" && $2 != "v" { print $1 }' |
        sort -u >"$work/defined"
    nm -P -u "$1" 2>/dev/null | awk 'NF >= 2 { print $1 }' | sort -u >"$work/undefined"
    comm -23 "$work/undefined" "$work/defined"
}

# forbidden FILE : those of them that the core may not call
forbidden() {
    outside "$1" >"$work/outside"
    { grep -E -v -f "$work/allowed.re" "$work/outside" || :
      grep -E -f "$work/refused" "$work/outside" || :; } | sort -u
}

# A check that cannot fail shows nothing: it has to catch a call to the clock, and a key drawn at random.
cat >"$work/probe.c" <<'C'
long time(long *);
void crypto_secretbox_keygen(unsigned char *);
unsigned long strlen(const char *);
long cp_probe(const char *text);
long cp_probe(const char *text)
{
    unsigned char key[32];
    crypto_secretbox_keygen(key);
    return time(0) + (long)strlen(text) + key[0];
}
C
${CC:-cc} -fno-builtin -c "$work/probe.c" -o "$work/probe.o"
if [ "$(forbidden "$work/probe.o" | tr '\n' ' ')" != "crypto_secretbox_keygen time " ]; then
    echo "symbols: the check itself is broken: it must catch time() and crypto_secretbox_keygen(), and nothing" >&2
    echo "else, in an object that calls them and strlen(). It found: $(forbidden "$work/probe.o" | tr '\n' ' ')" >&2
    exit 1
fi

forbidden "$library" >"$work/found"
if [ ! -s "$work/found" ]; then
    echo "symbols: the core reaches nothing outside ($(wc -l <"$work/outside") symbols looked at)"
    exit 0
fi
while read -r symbol; do
    files=$(nm -A -P -u "$library" 2>/dev/null | awk -v s="$symbol" '$2 == s { print $1 }' |
        sed 's/.*\[\(.*\)\.o\]:.*/proto\/\1/' | sort -u | tr '\n' ' ')
    case $symbol in
    cp_*) echo "symbols: $files calls $symbol, which no file in proto defines" ;;
    *) echo "symbols: $files calls $symbol, which the core may not: take it in as an argument" ;;
    esac
done <"$work/found" >&2
exit 1
