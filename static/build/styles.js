// The style sheet: Bootstrap through its variables, purged of what no page uses, then our own components.
import { transform } from "esbuild";
import { PurgeCSS } from "purgecss";
import { compile } from "sass";

const content = ["templates/**/*.html", "static/js/**/*.js"];
// Set by the browser or by scripts, so no template mentions them.
const always = ["show", "collapsing", "data-bs-theme"];

/**
 * Compiles one entry; Bootstrap 5.3 still uses what Sass has marked as deprecated.
 * @param {string} file
 */
function compileSheet(file) {
  return compile(file, {
    loadPaths: ["node_modules"],
    quietDeps: true,
    silenceDeprecations: ["import", "global-builtin", "color-functions", "if-function"],
  }).css;
}

/**
 * Builds a small sheet of its own, for what is seldom opened.
 * @param {string} file
 * @returns {Promise<string>}
 */
export async function buildSheet(file) {
  return (await transform(compileSheet(file), { loader: "css", minify: true, target: ["chrome90", "safari15"] })).code;
}

/**
 * Builds the whole style sheet.
 * @returns {Promise<string>}
 */
export async function buildStyles() {
  const [base] = await new PurgeCSS().purge({
    content,
    css: [{ raw: compileSheet("static/css/bootstrap.scss") }],
    safelist: always,
    variables: false,
    keyframes: true,
  });
  const own = compileSheet("static/css/app.scss");
  const { code } = await transform(`${base.css}\n${own}`, { loader: "css", minify: true, target: ["chrome90", "safari15"] });
  return code;
}
