"""Somebody on the network who is in no plan: _asker.py ADDRESS OWN flood|shapes|listen

flood    asks 400 times as fast as it can from the one address OWN, and prints how many answers came, and from how many
         addresses the most came: "ANSWERS MOST"
shapes   sends packets of every size from 0 to 600, and 60 KB of noise; prints the answers to those of another size than an
         ask's, which must be none
"""

import collections
import os
import socket
import sys

PORT, SIZE = 28370, 224


def answers(mine, quiet):
    mine.settimeout(quiet)
    came = []
    try:
        while True:
            came.append(mine.recvfrom(2000))
    except socket.timeout:
        return came


def main():
    group, own, what = sys.argv[1:4]
    mine = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    mine.bind((own, 0))
    mine.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(own))
    if what == "flood":
        for _ in range(400):
            mine.sendto(os.urandom(SIZE), (group, PORT))
        came = answers(mine, 0.5)
        by = collections.Counter(address[0] for _, address in came)
        wrong = sum(1 for packet, _ in came if len(packet) != SIZE)
        print(len(came) if wrong == 0 else "of another size", max(by.values(), default=0))
    else:
        for size in list(range(SIZE)) + list(range(SIZE + 1, 600)) + [1400]:
            mine.sendto(os.urandom(size), (group, PORT))
        print(len(answers(mine, 0.5)))


main()
