// What a camera reads: node _qr.cjs svg|screen FILE... prints the text of the one picture in each file, or fails.
// svg: the <path> of an <svg> in a page, squares of one unit. screen: half blocks, light on dark.
const { readFileSync } = require("node:fs");
const jsQR = require(`${process.env.COPLAN_NPM}/jsqr`);

const scale = 4;

function squares(page) {
  const box = /<svg viewBox="0 0 (\d+) (\d+)"/.exec(page);
  const path = /<path d="([^"]*)"\/>/.exec(page);
  const dark = new Set(path[1].split("z").filter(Boolean).map((move) => /^M(\d+) (\d+)h1v1h-1$/.exec(move).slice(1, 3).join(" ")));
  return { width: Number(box[1]), height: Number(box[2]), dark: (x, y) => dark.has(`${x} ${y}`) };
}

function blocks(text) {
  const lines = text.split("\n").filter((line) => /^[ \u2580\u2584\u2588]{20,}$/.test(line));
  const dark = { " ": [true, true], "\u2584": [true, false], "\u2580": [false, true], "\u2588": [false, false] };
  return { width: lines[0].length, height: 2 * lines.length, dark: (x, y) => dark[lines[y >> 1][x]][y & 1] };
}

const [kind, ...files] = process.argv.slice(2);
for (const file of files) {
  const shape = (kind === "svg" ? squares : blocks)(readFileSync(file, "utf8"));
  const width = shape.width * scale;
  const height = shape.height * scale;
  const pixels = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (shape.dark(Math.floor(x / scale), Math.floor(y / scale))) pixels.fill(0, 4 * (y * width + x), 4 * (y * width + x) + 3);
  const found = jsQR(pixels, width, height);
  if (found === null) {
    console.error(`${file}: no picture that can be read`);
    process.exit(1);
  }
  console.log(found.data);
}
