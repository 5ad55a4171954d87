// Reads a calendar with ical.js, in its strict way, and prints what it found as JSON, with the first days of each repeat.
const fs = require("fs");
const ICAL = require(process.env.COPLAN_NPM + "/ical.js/dist/ical.es5.cjs");
ICAL.design.strict = true;
const root = new ICAL.Component(ICAL.parse(fs.readFileSync(process.argv[2], "utf8")));
const rows = [];
for (const kind of ["vevent", "vtodo"]) {
  for (const part of root.getAllSubcomponents(kind)) {
    const day = part.getFirstPropertyValue("dtstart") || part.getFirstPropertyValue("due");
    const rule = part.getFirstPropertyValue("rrule");
    const days = [];
    if (rule) {
      const next = rule.iterator(day);
      for (let at = next.next(); at && days.length < 5; at = next.next()) days.push(at.toString());
    }
    rows.push({ kind: kind.toUpperCase(), uid: part.getFirstPropertyValue("uid"), day: day.toString(), days,
                summary: part.getFirstPropertyValue("summary"), sequence: part.getFirstPropertyValue("sequence"),
                date: day.isDate });
  }
}
process.stdout.write(JSON.stringify({ name: root.getFirstPropertyValue("x-wr-calname") || "", rows }));
