# What the scripts that look at files share. Read after tests/e2e/lib.sh.
#
# The tools are those that others would use: from Debian (tests/packages) and from npm (tests/npm, which tests/run puts
# into build/npm). A tool that is not there is a failure, never a reason to pass over something.
python=/usr/bin/python3 # Debian's, which has Debian's modules
COPLAN_NPM=${COPLAN_NPM:-$COPLAN_SRC/build/npm/node_modules}
export COPLAN_NPM
needs() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || fatal "$tool is not installed (tests/packages has the list)"
    done
}
needs_npm() {
    for module in "$@"; do
        [ -d "$COPLAN_NPM/$module" ] || fatal "npm's $module is not in $COPLAN_NPM (sh tests/run fetches it)"
    done
}

# hostile HOME : fills the plan at hand with words that try to be something else: formulas, HTML, Markdown, CSV,
# calendars, marks that turn text round, control characters, the longest texts, every form of language tag
hostile() {
    hostile_long=$(head -c 16384 /dev/zero | tr '\0' 'x')
    hostile_wide=$(printf '\303\251%.0s' $(seq 1 8000)) # two bytes a letter: folds fall inside
    while IFS= read -r hostile_line; do
        add "$1" action "$(printf '%b' "$hostile_line")" "due=2031-05-31" "details=$(printf '%b' "$hostile_line")"
    done <<'LINES'
=HYPERLINK("http://127.0.0.1/?"&A1,"Click")
+1+1
-2+3+cmd|' /C calc'!A0
@SUM(1+1)*cmd|' /C calc'!A0
\0011tabbed, \0011=1+1
a\rb\nc\r\nd
</title><script>alert(1)</script><b onmouseover=x>&amp;&#x202e;
# no heading\n- no list\n1. no list\n    no code\n---\n[a](javascript:x) ![b](c) <http://x> `d` **e** ~~f~~ | g |
"quotes", "and; more\\\\, \\n\\;"
END:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:not ours
\0342\0200\0256txet denrut\0342\0200\0254 \0342\0201\0246isolated\0342\0201\0251 \0357\0273\0277
\0001\0002\0007\0010\0033[31mred\0033[0m\0177 \0302\0205\0302\0233
\0330\0247\0331\0204\0330\0255\0330\0257\0331\0212\0331\0202\0330\0251 \0340\0244\0254\0340\0244\0227\0340\0245\0200\0340\0244\0232\0340\0244\0276 \0360\0237\0214\0261
../../etc/passwd
'
''=1
true
null
2031-05-31
1e5
LINES
    add "$1" action "$hostile_long" "due=2031-05-31"
    add "$1" action "$hostile_wide" "due=2031-05-31"
    add "$1" priority "Tags" "text.en=en" "text.cy=cy" "text.pt-br=pt" "text.zh-hant-tw=zh" "text.sr-latn=sr" \
        "text.es-419=es" "text.de-1996=de"
    hostile_tags=$id
}
