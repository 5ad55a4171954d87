"""What a listener learns from the frames that the switch kept.

_seen.py count FRAMES             how many packets of discovery there are
_seen.py secret FRAMES WORDS      WORDS: a file with one text or hex id a line. Says what is wrong, and exits 1, when a packet
                                  of discovery can be told from another or has the wrong size, or a frame of any sort holds
                                  one of the words, an id in hex or an id's bytes.
"""

import struct
import sys

PORT = 28370
SIZE = 224
PIECE = 8


def frames(path):
    with open(path, "rb") as file:
        while True:
            head = file.read(5)
            if len(head) < 5:
                return
            length, place = struct.unpack(">IB", head)
            frame = file.read(length)
            if len(frame) < length:
                return  # the switch is writing it
            yield place, frame


def udp(frame):
    """Source port, destination port and what is carried, or None."""
    kind = frame[12:14]
    if kind == b"\x08\x00" and frame[23] == 17:
        at = 14 + 4 * (frame[14] & 15)
    elif kind == b"\x86\xdd" and frame[20] == 17:
        at = 54
    else:
        return None
    source, to, length = struct.unpack(">HHH", frame[at : at + 6])
    return source, to, frame[at + 8 : at + length]


def beacons(path):
    for place, frame in frames(path):
        packet = udp(frame)
        if packet and PORT in packet[:2]:
            yield place, packet


def main():
    what, path = sys.argv[1:3]
    if what == "count":
        print(sum(1 for _ in beacons(path)))
        return 0
    wrong = []
    pieces = {}
    asked, ports = 0, set()
    total = 0
    for number, (place, (source, to, carried)) in enumerate(beacons(path)):
        total += 1
        if len(carried) != SIZE:
            wrong.append(f"packet {number} has {len(carried)} bytes")
        if to == PORT:
            asked += 1
            ports.add((place, source))
        for at in range(len(carried) - PIECE + 1):
            before = pieces.setdefault(carried[at : at + PIECE], number)
            if before != number:
                wrong.append(f"packets {before} and {number} have {PIECE} bytes in common")
                break
    if asked < 6 or total - asked < 6:
        wrong.append(f"only {asked} asks and {total - asked} answers were seen")
    if len(ports) * 2 < asked:
        wrong.append(f"{asked} asks came from {len(ports)} ports only")
    with open(sys.argv[3], encoding="utf-8") as file:
        words = [line.strip() for line in file if line.strip()]
    needles = []
    for word in words:
        needles.append((word, word.encode()))
        if len(word) == 64:
            needles.append((word + " (its bytes)", bytes.fromhex(word)))
    for number, (_, frame) in enumerate(frames(path)):
        for name, needle in needles:
            if needle in frame:
                wrong.append(f"frame {number} holds {name}")
    for line in wrong[:10]:
        print(line)
    print(f"{asked} asks, {total - asked} answers, {len(needles)} things looked for")
    return 1 if wrong else 0


sys.exit(main())
