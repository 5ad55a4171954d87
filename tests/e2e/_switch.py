"""A switch between network namespaces, which loses frames, cuts hosts off, and remembers all that went through.

_switch.py FOLDER PORT...   reads FOLDER/orders (a named pipe), one order a line:
    loss PERCENT            of all frames, by a fixed seed, so that a run can be repeated
    cut PORT | heal PORT    that host is alone, or back
    done WORD               answered by a file FOLDER/WORD: all orders before it are in force
Frames go to FOLDER/frames as they come: 4 bytes of length, 1 byte of the port's place, the frame.

tc's netem would do, but not every kernel has it. The ports are ends of veth pairs whose other ends, called lan-PORT, are moved
to their hosts once FOLDER/up is there: what they may hand over without a checksum, or in pieces too large for a wire, is
switched off before, because the wire is us.
"""

import ctypes
import fcntl
import os
import random
import select
import socket
import struct
import sys

ETH_P_ALL = 3
SIOCETHTOOL = 0x8946
OFFLOADS = (0x17, 0x1F, 0x24, 0x2C, 0x15)  # sending checksums, TSO, GSO, GRO, receiving checksums
LONGEST = 65600


def plain(name):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for offload in OFFLOADS:
            value = ctypes.create_string_buffer(struct.pack("II", offload, 0))
            request = struct.pack("16sP", name.encode(), ctypes.addressof(value))
            try:
                fcntl.ioctl(any_socket, SIOCETHTOOL, request)
            except OSError:
                pass  # not every kernel has each of them


def main():
    folder, names = sys.argv[1], sys.argv[2:]
    ports = []
    for name in names:
        plain(name)
        plain("lan-" + name)
        port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        port.bind((name, 0))
        port.setblocking(False)
        ports.append(port)
    orders = os.open(folder + "/orders", os.O_RDWR | os.O_NONBLOCK)
    frames = open(folder + "/frames", "wb", buffering=0)
    dice, loss, cut, typed = random.Random(1), 0.0, set(), b""
    open(folder + "/up", "w").close()
    while True:
        ready, _, _ = select.select([orders] + ports, [], [])
        if orders in ready:
            typed += os.read(orders, 4096)
            *lines, typed = typed.split(b"\n")
            for line in lines:
                word, what = line.decode().split()
                if word == "loss":
                    loss = float(what) / 100
                elif word == "cut":
                    cut.add(names.index(what))
                elif word == "heal":
                    cut.discard(names.index(what))
                elif word == "done":
                    open(folder + "/" + what, "w").close()
        for place, port in enumerate(ports):
            if port not in ready:
                continue
            while True:
                try:
                    frame, address = port.recvfrom(LONGEST)
                except BlockingIOError:
                    break
                if address[2] == socket.PACKET_OUTGOING:
                    continue
                frames.write(struct.pack(">IB", len(frame), place) + frame)
                for to, other in enumerate(ports):
                    if to == place or to in cut or place in cut or dice.random() < loss:
                        continue
                    try:
                        other.send(frame)
                    except OSError:
                        pass  # a full queue loses frames, as a switch does


main()
