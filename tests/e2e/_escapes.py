"""Finds words on a screen that were not asked of the catalogue.

    _escapes.py WORD... <SCREEN      every WORD is data: typed by somebody, so it may stand as it is

SCREEN is what coplan said in the pseudo-language of `words pseudo`, where every sentence stands between ⟦ and ⟧.
Prints each line with a word outside of such marks that is neither data, nor an id, nor an option; exits 1 then.
HTML is looked at as people see it: tags and styles aside, but with the attributes that are read out.
"""

import re
import sys

data = set(word.lower() for words in sys.argv[1:] for word in re.findall("[A-Za-z]+", words))
screen = sys.stdin.read()
begin = screen.lower().find("<!doctype")
if begin >= 0:
    before, screen = screen[:begin], screen[begin:]
    screen = re.sub(r"(?s)<style>(.*?)</style>", lambda m: " ".join(re.findall(r'content:"(.*?)[;}]', m.group(1))), screen)
    screen = re.sub(r'<[^>]*?\b(?:aria-label|alt|title|data-head)="([^"]*)"[^>]*>', r" \1 ", screen)
    screen = before + re.sub(r"(?s)<[^>]*>", " ", screen)
    screen = re.sub(r"\bcounter\(pages?\)", " ", screen)

depth = 0
outside = []
for c in screen:
    if c == "⟦":
        depth += 1
    elif c == "⟧":
        depth -= 1
    else:
        outside.append(c if depth == 0 or c == "\n" else " ")
if depth != 0:
    sys.exit("the marks do not close")

bad = 0
for line in "".join(outside).split("\n"):
    rest = re.sub(r"\b[a-z_]+\.cy\b|\b[Zz]+\b|--[a-z-]+|\b[0-9a-f]*[0-9][0-9a-f]*\b|\b[0-9a-f]{12,}\b|\b[PCK](-?[A-G])?\b|&[a-z]+;|\bT\b", " ", line)
    words = [w for w in re.findall(r"[A-Za-z]{2,}", rest) if w.lower() not in data]
    if words:
        bad += 1
        print(" ".join(words), "|", line.strip()[:140])
sys.exit(1 if bad else 0)
