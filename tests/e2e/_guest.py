"""Somebody who holds a good invitation and does not mean well: enters under the key that is derived from it and
says everything but what a guest may say. Prints nothing secret; the daemon is looked at by the script that starts
this.   _guest.py HOST:PORT INVITATION SEED"""
import base64
import hashlib
import random
import sys

import zmq
from zmq.utils import z85

address, text, seed = sys.argv[1:4]
dice = random.Random(int(seed))


def unpack(data):
    """The bytes and texts of one flat MessagePack array, in order; None for nil and numbers."""
    at, values = 1, []
    for _ in range(data[0] & 15):
        tag = data[at]
        at += 1
        if tag < 0x80 or tag == 0xC0:
            values.append(None)
            continue
        if 0xA0 <= tag < 0xC0:
            size = tag & 31
        elif tag in (0xC4, 0xD9):
            size = data[at]
            at += 1
        else:
            sys.exit(f"an invitation with a value of type {tag:x}")
        values.append(data[at:at + size])
        at += size
    return values


code = "".join(text.split(":", 1)[1].split()).upper()
_, plan, invite, token, server, _, _ = unpack(base64.b32decode(code + "=" * (-len(code) % 8)))
seed32 = hashlib.blake2b(b"coplan/1 token curve seed\0" + token, digest_size=32).digest()
secret = z85.encode(hashlib.sha512(seed32).digest()[:32])  # as libsodium makes a box key of a seed
context = zmq.Context()


def visit(messages, wait=300):
    s = context.socket(zmq.DEALER)
    s.linger = 0
    s.curve_serverkey = z85.encode(server)
    s.curve_secretkey, s.curve_publickey = secret, zmq.curve_public(secret)
    s.connect(f"tcp://{address}")
    answers = []
    for message in messages:
        try:
            s.send_multipart(message if isinstance(message, list) else [message], zmq.NOBLOCK)
        except zmq.Again:
            break
    while s.poll(wait):
        answers.append(b"".join(s.recv_multipart()))
        if len(answers) > 50:
            break
    s.close()
    return answers


def packed(*values):
    out = bytearray([0x90 | len(values)])
    for v in values:
        if v is None:
            out.append(0xC0)
        elif isinstance(v, int):
            out += bytes([v]) if v < 128 else b"\xcd" + v.to_bytes(2, "big")
        elif len(v) < 256:
            out += b"\xc4" + bytes([len(v)]) + v
        else:
            out += b"\xc5" + len(v).to_bytes(2, "big") + v
    return bytes(out)


heard = []
for first in range(16):  # every message type, empty, with noise, with things nested in each other
    heard += visit([packed(first)], 60)
    heard += visit([packed(first, 1, dice.randbytes(8), plan, None, dice.randbytes(100))], 60)
    heard += visit([bytes([first]) + dice.randbytes(300)], 60)
heard += visit([b"\xdd\x00\x40\x00\x00"])  # announces four million values
heard += visit([b"\x91" * 5000])
heard += visit([b"", b"\xc0", b"\xff" * 1000])
heard += visit([[b"in", b"several", b"parts"]])
heard += visit([bytes(1 << 20)])
heard += visit([bytes(3 << 20)])  # beyond what a message may be
heard += visit([dice.randbytes(dice.randrange(200)) for _ in range(500)])
for answer in heard:
    for word in sys.argv[4:]:
        if word.encode() in answer:
            sys.exit("plan words were handed to a guest who never joined")
print(f"{len(heard)} answers, none with plan words")
