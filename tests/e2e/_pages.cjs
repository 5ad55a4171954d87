// Looks at pages in a browser: node _pages.cjs KIND:FILE... where KIND is plan, easy or why. Prints what is wrong with each,
// a line a fault, and ends with 1 when there is any. Nothing is fetched: a page that asks for anything at all is at fault.
const fs = require("fs");
const path = require("path");
const npm = process.env.COPLAN_NPM;
const { chromium } = require(npm + "/playwright-core");
const axe = fs.readFileSync(npm + "/axe-core/axe.min.js", "utf8");

// Runs in the page. What must hold of every page, whatever people wrote.
function look(kind) {
  const faults = [];
  const none = "script,iframe,img,object,embed,link,form,input,button,a,details,base,template,style[media]";
  for (const element of document.querySelectorAll(none)) faults.push("it holds <" + element.localName + ">");
  for (const element of document.querySelectorAll("*"))
    for (const attribute of element.attributes) {
      if (/^on|^style$|^href$|^src/.test(attribute.name)) faults.push("it holds the attribute " + attribute.name);
    }
  let level = 0;
  for (const heading of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
    const next = Number(heading.localName[1]);
    if (next > level + 1) faults.push("heading " + next + " follows heading " + level);
    if (!heading.textContent.trim()) faults.push("an empty heading");
    level = next;
  }
  if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
  for (const head of document.querySelectorAll("th")) if (!head.scope) faults.push("a th without scope");
  for (const table of document.querySelectorAll("table")) if (!table.caption) faults.push("a table without caption");
  if (!document.documentElement.lang) faults.push("no lang");
  if (document.documentElement.scrollWidth > window.innerWidth)
    faults.push("wider than " + window.innerWidth + ": " + document.documentElement.scrollWidth);
  if (kind === "easy") {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let small = 0;
    while (walker.nextNode()) {
      const style = getComputedStyle(walker.currentNode.parentElement);
      if (walker.currentNode.data.trim() && parseFloat(style.fontSize) < 21.3) small++;
      if (style.fontStyle !== "normal") faults.push("slanted words");
    }
    if (small) faults.push(small + " texts smaller than 16 point");
    if (!/sans-serif/.test(getComputedStyle(document.body).fontFamily)) faults.push("not sans serif");
    const blocks = document.querySelectorAll(".block");
    if (!blocks.length) faults.push("no blocks");
    for (const block of blocks) {
      const picture = block.querySelector(".slot [role=img]");
      const words = block.querySelector(".words");
      if (!picture || !picture.getAttribute("aria-label")) faults.push("a block without picture or alternative");
      else if (picture.getBoundingClientRect().right > words.getBoundingClientRect().left + 1)
        faults.push("a picture that is not left of its words");
      if (!words.textContent.trim()) faults.push("a block without words");
    }
  }
  return [...new Set(faults)];
}

async function check(browser, kind, file) {
  const faults = [];
  for (const [width, height] of [[320, 640], [1280, 900]]) {
    const context = await browser.newContext({ viewport: { width, height } });
    const page = await context.newPage();
    const at = "file://" + path.resolve(file);
    page.on("console", (message) => faults.push("console: " + message.text()));
    page.on("pageerror", (error) => faults.push("error: " + error.message));
    page.on("request", (request) => request.url() === at || faults.push("it asks for " + request.url()));
    await page.goto(at);
    for (const fault of await page.evaluate(look, kind === "why" ? "easy" : kind)) faults.push(width + ": " + fault);
    await page.evaluate(axe);
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
    const found = await page.evaluate((only) => axe.run(document, { runOnly: only }), tags);
    if (found.passes.length < 10) faults.push("axe looked at too little: " + found.passes.length);
    for (const violation of found.violations)
      faults.push(width + ": axe " + violation.id + ": " + violation.help + ": " + violation.nodes[0].html.slice(0, 200));
    await context.close();
  }
  return faults;
}

async function main() {
  const browser = await chromium.launch({
    executablePath: process.env.COPLAN_CHROMIUM || "/usr/bin/chromium",
    args: ["--disable-gpu", "--disable-dev-shm-usage", ...(process.getuid() === 0 ? ["--no-sandbox"] : [])],
  });
  let bad = 0;
  for (const argument of process.argv.slice(2)) {
    const [kind, file] = [argument.slice(0, argument.indexOf(":")), argument.slice(argument.indexOf(":") + 1)];
    for (const fault of await check(browser, kind, file)) {
      console.log(path.basename(file) + ": " + fault);
      bad++;
    }
  }
  await browser.close();
  process.exit(bad ? 1 : 0);
}
main().catch((error) => {
  console.log(String(error));
  process.exit(2);
});
