// What the reader of PDFs loads by need: its thread, the maps of Chinese fonts, and JPEG 2000 without WebAssembly, which the
// policy of the house does not let run. All of it is fetched when somebody opens a PDF that asks for it, and not before.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";

import { target } from "./modules.js";

const home = "node_modules/pdfjs-dist";
const thread = `${home}/legacy/build/pdf.worker.mjs`;
const decoder = "openjpeg_nowasm_fallback.js";
/** Where the reader puts the address together; here it is told the whole of it. */
const address = `\`\${this.#wasmUrl}${decoder}\``;
const chineseMaps = /^(GB|UniGB|Adobe-GB1).*\.bcmap$/;

/** @type {import("esbuild").Plugin} */
const wholeAddress = {
  name: "whole-address",
  setup(setup) {
    setup.onLoad({ filter: /pdf\.worker\.mjs$/ }, ({ path }) => {
      const code = readFileSync(path, "utf8");
      if (code.split(address).length !== 2) throw new Error(`${path}: the address of the decoder stands elsewhere now`);
      return { contents: code.replace(address, "this.#wasmUrl"), loader: "js" };
    });
  },
};

/** @returns {[string, string]} */
function maps() {
  const folder = join(home, "cmaps");
  const names = readdirSync(folder).filter((name) => chineseMaps.test(name));
  const all = names.map((name) => [name.replace(".bcmap", ""), readFileSync(join(folder, name)).toString("base64")]);
  return ["pdf-maps.json", JSON.stringify(Object.fromEntries(all))];
}

/**
 * @param {string} path
 * @param {import("esbuild").Format} format
 * @returns {Promise<Uint8Array>}
 */
async function bundle(path, format) {
  const options = { bundle: true, minify: true, target, write: false, legalComments: "none", logLevel: "error" };
  const result = await build({ ...options, entryPoints: [path], format, plugins: [wholeAddress] });
  return result.outputFiles[0].contents;
}

/**
 * Bundles what the reader of PDFs loads by need.
 * @returns {Promise<[string, Uint8Array | string][]>}
 */
export async function bundlePdf() {
  return [
    ["pdf-thread.js", await bundle(thread, "iife")],
    ["pdf-jpeg2000.js", await bundle(join(home, "wasm", decoder), "esm")],
    maps(),
  ];
}
