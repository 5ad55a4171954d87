"""A wire that is cut. _cut.py HOST:PORT BYTES: prints the port it listens on, passes what comes, and cuts the first connection
when so many bytes came back through it; then it ends."""
import select
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
left = int(sys.argv[2])
door = socket.create_server(("127.0.0.1", 0))
door.settimeout(20)
print(door.getsockname()[1], flush=True)
near, _ = door.accept()
door.close()
far = socket.create_connection((host, int(port)))
while left > 0:
    ready, _, _ = select.select([near, far], [], [], 20)
    if not ready:
        sys.exit(1)
    for s in ready:
        data = s.recv(16384)
        if not data:
            sys.exit(1)
        (near if s is far else far).sendall(data)
        left -= len(data) if s is far else 0
