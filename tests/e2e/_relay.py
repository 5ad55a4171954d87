"""A wire that listens: passes bytes between whoever connects and HOST:PORT, and keeps all of them in a file.

_relay.py HOST:PORT FILE: prints the port it listens on; ends when its parent does.
"""
import os
import select
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
kept = open(sys.argv[2], "ab", buffering=0)
door = socket.create_server(("127.0.0.1", 0))
print(door.getsockname()[1], flush=True)
parent = os.getppid()
ends = {}
while os.getppid() == parent:
    ready, _, _ = select.select([door, *ends], [], [], 0.5)
    for s in ready:
        if s is door:
            one, _ = door.accept()
            other = socket.create_connection((host, int(port)))
            ends[one], ends[other] = other, one
            continue
        if s not in ends:
            continue
        try:
            data = s.recv(65536)
            if data:
                kept.write(data)
                ends[s].sendall(data)
        except OSError:
            data = b""
        if not data:
            for end in (s, ends.pop(s)):
                ends.pop(end, None)
                end.close()
