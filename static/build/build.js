// Builds static/dist: one style sheet, the ES modules, the icon sprite and manifest.json (logical name → file name).
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { buildEmoji } from "./emoji.js";
import { bundleClassic, bundleModules } from "./modules.js";
import { bundlePdf } from "./pdf.js";
import { buildSprite } from "./sprite.js";
import { buildSheet, buildStyles } from "./styles.js";

const dist = "static/dist";
const firstLoad = ["app.css", "app.js", "theme.js", "icons.svg"];
const firstLoadBudget = 100 * 1024;
// The page itself is rendered by the server; the fullest one (the console with a long talk) stays below this.
const pageAllowance = 12 * 1024;

/** @type {Record<string, string>} */
const manifest = {};
/** @type {Record<string, number>} */
const sizes = {};

/**
 * Writes one asset under its hashed name with .gz and .br beside it.
 * @param {string} name
 * @param {Uint8Array | string} content
 */
function emit(name, content) {
  const bytes = Buffer.from(content);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
  const file = name.replace(/(\.\w+)$/, `-${hash}$1`);
  const zipped = gzipSync(bytes, { level: 9 });
  writeFileSync(join(dist, file), bytes);
  writeFileSync(join(dist, `${file}.gz`), zipped);
  writeFileSync(
    join(dist, `${file}.br`),
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
  manifest[name] = file;
  sizes[name] = zipped.length;
}

/** Removes what builds before yesterday left. Younger files stay: a page that is still open may ask for them. */
function sweep() {
  const kept = new Set([...Object.values(manifest), "manifest.json"]);
  const yesterday = Date.now() - 24 * 60 * 60 * 1000;
  for (const file of readdirSync(dist)) {
    const path = join(dist, file);
    if (!kept.has(file.replace(/\.(gz|br)$/, "")) && statSync(path).mtimeMs < yesterday) rmSync(path);
  }
}

/** Prints what each file weighs over the wire and fails when the first load passes its budget. */
function report() {
  for (const [name, size] of Object.entries(sizes)) {
    console.log(`${name.padEnd(18)} ${(size / 1024).toFixed(1).padStart(6)} KB gzip`);
  }
  const total = firstLoad.reduce((sum, name) => sum + sizes[name], 0);
  const line = `${(total / 1024).toFixed(1)} KB + page, of ${firstLoadBudget / 1024} KB`;
  console.log(`first load          ${line}`);
  if (total + pageAllowance > firstLoadBudget) {
    console.error("The first load is too heavy: move something into a feature module.");
    process.exitCode = 1;
  }
}

mkdirSync(dist, { recursive: true });
emit("app.css", await buildStyles());
emit("emoji.css", await buildSheet("static/css/emoji.scss"));
for (const [name, code] of await bundleModules()) emit(name, code);
emit("theme.js", await bundleClassic("static/js/theme.js"));
emit("push-worker.js", await bundleClassic("static/js/push-worker.js"));
emit("icons.svg", buildSprite());
emit("emoji.json", buildEmoji());
for (const [name, content] of await bundlePdf()) emit(name, content);
for (const image of readdirSync("static/images")) {
  emit(basename(image), readFileSync(join("static/images", image)));
}
writeFileSync(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
sweep();
report();
