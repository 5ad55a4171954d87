"""How often WORD (any case) stands in the memory of process PID, as far as this user may read it: _memory.py PID WORD.

Prints the number, and where they stand on stderr; exit 77 where the memory may not be read at all.
"""
import re
import sys

pid, word = sys.argv[1], sys.argv[2].encode()
found = 0
read = 0
try:
    memory = open(f"/proc/{pid}/mem", "rb", buffering=0)
except OSError:
    sys.exit(77)
for line in open(f"/proc/{pid}/maps"):
    begin, end = (int(x, 16) for x in line.split()[0].split("-"))
    if line.split()[1][0] != "r" or "[v" in line:
        continue
    try:
        memory.seek(begin)
        data = memory.read(end - begin)
    except (OSError, ValueError, OverflowError):
        continue  # guard pages
    read += len(data)
    for at in re.finditer(re.escape(word), data, re.IGNORECASE):
        found += 1
        print(line.strip(), data[max(0, at.start() - 60) : at.end() + 40], file=sys.stderr)
print(found)
sys.exit(0 if read > 0 else 77)
