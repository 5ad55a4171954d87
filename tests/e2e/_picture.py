"""Pictures to attach. _picture.py png FILE HEIGHT: a whole PNG, 3 KiB a row, whose bytes say PICTUREMARK all over, with a
comment SECRETMARK; _picture.py jpeg FILE: a JPEG as a phone makes it, turned by 90 degrees, with SECRETMARK in its Exif (with a
place), in a comment, in the small copy of its JFIF segment and behind its end. The JPEG is whole as far as a program can tell that does not decode it."""
import struct
import sys
import zlib


def chunk(kind, inside):
    return struct.pack(">I", len(inside)) + kind + inside + struct.pack(">I", zlib.crc32(kind + inside))


def png(height):
    row = (b"PICTUREMARK " * 300)[:3072]
    rows = b"".join(b"\0" + row[i % 12:] + row[:i % 12] for i in range(height))
    head = struct.pack(">IIBBBBB", 1024, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"tEXt", b"Author\0SECRETMARK")
            + chunk(b"IDAT", zlib.compress(rows, 0)) + chunk(b"IEND", b""))


def segment(marker, inside):
    return bytes([0xff, marker]) + struct.pack(">H", len(inside) + 2) + inside


def jpeg():
    rows = [(0x0112, 3, 1, struct.pack(">HH", 6, 0)), (0x8825, 4, 1, struct.pack(">I", 8)), (0x010f, 2, 11, struct.pack(">I", 50))]
    tiff = b"MM\0*" + struct.pack(">IH", 8, len(rows))
    tiff += b"".join(struct.pack(">HHI", *r[:3]) + r[3] for r in rows) + struct.pack(">I", 0) + b"SECRETMARK\0"
    return (b"\xff\xd8" + segment(0xe0, b"JFIF\0\1\1\0\0\1\0\1\1\4" + b"SECRETMARK!!") + segment(0xe1, b"Exif\0\0" + tiff)
            + segment(0xe2, b"ICC_PROFILE\0\1\1kept") + segment(0xfe, b"SECRETMARK") + segment(0xdb, b"\0" + b"\1" * 64)
            + segment(0xc0, b"\x08\0\x10\0\x10\1\1\x11\0") + segment(0xda, b"\1\1\0\0\x3f\0") + b"shown\xff\0shown\xff\xd0shown"
            + b"\xff\xd9" + b"SECRETMARK, a film")


with open(sys.argv[2], "wb") as out:
    out.write(png(int(sys.argv[3])) if sys.argv[1] == "png" else jpeg())
