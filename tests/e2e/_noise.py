"""What strangers may throw at the port: plain noise, half greetings, other protocols, many at once; and, where
pyzmq is installed, CURVE clients with keys nobody knows and clients that speak no CURVE at all. Ends with 0 when
nothing of ours was answered with a service. The daemon is looked at by the script that starts this."""
import random
import socket
import sys

host, port = sys.argv[1].rsplit(":", 1)
port = int(port)
dice = random.Random(int(sys.argv[2]))


def connect():
    s = socket.create_connection((host, port), timeout=10)
    s.settimeout(0.2)
    return s


def drain(s):
    got = b""
    try:
        while len(got) < 4096:
            piece = s.recv(4096)
            if not piece:
                break
            got += piece
    except (TimeoutError, OSError):
        pass
    return got


def send(s, data):
    try:
        s.sendall(data)
    except OSError:  # the other side hung up, as it should
        pass


# A ZMTP 3.0 greeting: signature, version, mechanism, as-server.
def greeting(mechanism):
    return b"\xff" + bytes(8) + b"\x7f" + b"\x03\x00" + mechanism.ljust(20, b"\0") + b"\0" + bytes(31)


pieces = [b"", b"\0", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\xff" * 64, greeting(b"NULL"), greeting(b"PLAIN"),
          greeting(b"CURVE"), greeting(b"CURVE")[:20], greeting(b"NULL") + b"\x04\x26\x05READY\x0bSocket-Type\0\0\0\6DEALER",
          greeting(b"CURVE") + b"\x04\xc8\x05HELLO" + bytes(194),
          greeting(b"CURVE") + b"\x06\xff\xff\xff\xff\xff\xff\xff\xff" + bytes(100)]
for piece in pieces:
    s = connect()
    send(s, piece)
    drain(s)
    s.close()
for _ in range(60):
    base = bytearray(greeting(b"CURVE") + b"\x04\xc8\x05HELLO\x01\0" + dice.randbytes(192))
    for _ in range(dice.randrange(6)):
        base[dice.randrange(len(base))] = dice.randrange(256)
    s = connect()
    send(s, bytes(base))
    s.settimeout(0.01)
    drain(s)
    s.close()
# Many that say nothing and stay for a while.
crowd = []
for _ in range(150):
    try:
        crowd.append(connect())
    except OSError:
        break
for s in crowd:
    s.close()

try:
    import zmq
except ImportError:
    print("no pyzmq: raw sockets only")
    sys.exit(0)
context = zmq.Context()


def speak(messages, server=None, pair=None):
    s = context.socket(zmq.DEALER)
    s.linger = 0
    if server:
        s.curve_serverkey, (s.curve_publickey, s.curve_secretkey) = server, pair
    s.connect(f"tcp://{host}:{port}")
    for message in messages:
        try:
            s.send(message, zmq.NOBLOCK)
        except zmq.Again:
            break
    answered = s.poll(300)
    s.close()
    return answered


bad = 0
for _ in range(5):
    bad += speak([b"\x01", dice.randbytes(64)])
    bad += speak([b"hello"], zmq.curve_keypair()[0], zmq.curve_keypair())
if len(sys.argv) > 3:  # the server's own key, in hex: as near as a stranger gets
    from zmq.utils import z85
    server = z85.encode(bytes.fromhex(sys.argv[3]))
    for _ in range(10):
        bad += speak([dice.randbytes(dice.randrange(2000)) for _ in range(20)], server, zmq.curve_keypair())
    bad += speak([bytes(2 << 20)], server, zmq.curve_keypair())
if bad:
    print("a stranger was answered")
    sys.exit(1)
print("raw sockets and ZeroMQ clients")
