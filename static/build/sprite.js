// One SVG with a <symbol> for each icon in use.
import { readFileSync } from "node:fs";

/**
 * Turns one Tabler icon into a symbol; colour and stroke come from the style sheet.
 * @param {string} name
 */
function symbol(name) {
  const source = readFileSync(`node_modules/@tabler/icons/icons/outline/${name}.svg`, "utf8");
  const inner = source
    .replace(/<!--[\s\S]*?-->/, "")
    .replace(/[\s\S]*?<svg[^>]*>/, "")
    .replace("</svg>", "")
    .replace('<path stroke="none" d="M0 0h24v24H0z" fill="none" />', "")
    .replace('<path stroke="none" d="M0 0h24v24H0z" fill="none"/>', "")
    .replace(/\s*\n\s*/g, "")
    .trim();
  return `<symbol id="${name}" viewBox="0 0 24 24">${inner}</symbol>`;
}

/**
 * Builds the sprite from the list in icons.json.
 * @returns {string}
 */
export function buildSprite() {
  const names = JSON.parse(readFileSync("static/build/icons.json", "utf8"));
  return `<svg xmlns="http://www.w3.org/2000/svg">${names.map(symbol).join("")}</svg>`;
}
