// What the emoji picker shows: the rows of chat/data/emoji.tsv, which the server goes by as well, by groups.
import { readFileSync } from "node:fs";

/**
 * Builds the picker's file: for each group its emoji with name, further words, and initials.
 * @returns {string}
 */
export function buildEmoji() {
  /** @type {Map<number, string[][]>} */
  const groups = new Map();
  for (const line of readFileSync("chat/data/emoji.tsv", "utf8").trimEnd().split("\n")) {
    const [group, ...cells] = line.split("\t");
    const rows = groups.get(Number(group)) ?? [];
    rows.push(cells);
    groups.set(Number(group), rows);
  }
  return JSON.stringify([...groups].map(([group, emoji]) => ({ group, emoji })));
}
