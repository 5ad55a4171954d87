"""Reads a calendar as RFC 5545 is written, byte by byte, and then with python3-icalendar. Prints what it found as JSON;
complains and ends with 1 when a rule is broken."""
import json
import sys

import icalendar

data = open(sys.argv[1], "rb").read()
faults = []
if not data.endswith(b"\r\n"):
    faults.append("the last line does not end with CRLF")
for number, line in enumerate(data.split(b"\r\n"), 1):
    if len(line) > 75:
        faults.append(f"line {number} has {len(line)} octets")
    if any(byte < 0x20 and byte != 9 or byte == 0x7F for byte in line):
        faults.append(f"line {number} holds a control character")
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        faults.append(f"line {number} was folded inside a character")
calendar = icalendar.Calendar.from_ical(data)
found = []
for part in calendar.walk():
    if part.errors:
        faults.append(f"{part.name}: {part.errors}")
    if part.name not in ("VEVENT", "VTODO"):
        continue
    for name in ("UID", "DTSTAMP", "SEQUENCE", "SUMMARY"):
        if name not in part:
            faults.append(f"a {part.name} without {name}")
    day = part.get("DTSTART", part.get("DUE"))
    if not day.params.get("VALUE") == "DATE":
        faults.append("a day that is not all-day")
    found.append({"kind": part.name, "uid": str(part["UID"]), "summary": str(part["SUMMARY"]),
                  "day": day.dt.isoformat(), "sequence": int(part["SEQUENCE"]), "stamp": part["DTSTAMP"].dt.isoformat(),
                  "description": str(part.get("DESCRIPTION", "")), "status": str(part.get("STATUS", "")),
                  "rule": part["RRULE"].to_ical().decode() if "RRULE" in part else ""})
if len({row["uid"] for row in found}) != len(found):
    faults.append("two of the same UID")
for fault in faults:
    print(fault, file=sys.stderr)
json.dump({"name": str(calendar.get("X-WR-CALNAME", "")), "rows": found}, sys.stdout)
sys.exit(1 if faults else 0)
