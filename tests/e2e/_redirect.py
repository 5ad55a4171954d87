"""The same invitation, to be delivered at another member's machine: what somebody has who copied the words before
they were used.   _redirect.py INVITATION HOST:PORT SERVER-KEY-HEX"""
import base64
import hashlib
import sys

text, address, key = sys.argv[1:4]
code = text.split(":", 1)[1].upper()
data = base64.b32decode(code + "=" * (-len(code) % 8))
at = 2 + 2 * 34 + 18  # array and version, plan, invite, token
if data[at:at + 2] != b"\xc4\x20" or data[at + 34] & 0xE0 != 0xA0:
    sys.exit("not the layout of an invitation")
rest = data[at + 35 + (data[at + 34] & 31):-4]  # the last four check the others
there = address.encode()
new = data[:at] + b"\xc4\x20" + bytes.fromhex(key) + bytes([0xA0 | len(there)]) + there + rest
new += hashlib.blake2b(b"coplan/1 invitation check\0" + new, digest_size=16).digest()[:4]
print("coplan-invite:" + base64.b32encode(new).decode().rstrip("=").lower())
