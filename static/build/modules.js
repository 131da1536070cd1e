// The ES modules: app.js on every page, each feature's module loaded by app.js where a page asks for it.
import { basename } from "node:path";

import { build } from "esbuild";

const features = [
  "static/js/app.js",
  "static/js/conversation.js",
  "static/js/call.js",
  "static/js/call/talk.js",
  "static/js/console.js",
  "static/js/messages.js",
  "static/js/upload.js",
  "static/js/checklist.js",
  "static/js/push.js",
  "static/js/pdf-pages.js",
  "static/js/emoji.js",
  "static/js/look.js",
];
export const target = ["chrome90", "firefox90", "safari15"];

/**
 * The line goes by WebSocket or long polling (shell/line.js): a third way, which the library brings along, stays out.
 * @type {import("esbuild").Plugin}
 */
const withoutWebTransport = {
  name: "without-webtransport",
  setup({ onLoad }) {
    onLoad({ filter: /engine\.io-client.build.esm.transports.webtransport\.js$/ }, () => ({ contents: "export const WT = null;" }));
  },
};

/**
 * Bundles the modules, each on its own: a feature gets the shell handed to it and shares no chunk.
 * @returns {Promise<[string, Uint8Array][]>}
 */
export async function bundleModules() {
  const result = await build({
    entryPoints: features,
    bundle: true,
    minify: true,
    format: "esm",
    target,
    plugins: [withoutWebTransport],
    outdir: "out",
    write: false,
    legalComments: "none",
    logLevel: "warning",
  });
  return result.outputFiles.map((file) => [basename(file.path), file.contents]);
}

/**
 * Bundles a small classic script: what sets light or dark before the first paint, and the service worker.
 * @param {string} file
 * @returns {Promise<Uint8Array>}
 */
export async function bundleClassic(file) {
  const result = await build({
    entryPoints: [file],
    bundle: true,
    minify: true,
    format: "iife",
    target,
    write: false,
  });
  return result.outputFiles[0].contents;
}
