// Numbers by which somebody can be known, found before they are sent. The same rules as registry_core/personal_numbers.py,
// and held to the same cases (tests/data/personal_numbers.json).

/** @typedef {"identity" | "mobile" | "bank_card"} NumberKind */
/** @typedef {{ kind: NumberKind, start: number, end: number }} FoundNumber */

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const signs = "10X98765432";
const mobile = /^(?:86)?1[3-9]\d{9}$/;
const run = /\d(?:[ -]?\d)*(?:[ -]?[Xx](?![A-Za-z0-9]))?/g;
const fullWidth = /[０-９Ｘｘ－\u3000]/g;

/** @param {string} text @returns {string} */
function plain(text) {
  return text.replace(fullWidth, (sign) => (sign === "\u3000" ? " " : String.fromCharCode(sign.charCodeAt(0) - 0xfee0)));
}

/** @param {string} number */
function isIdentity(number) {
  if (!/^\d{17}[\dX]$/.test(number)) return false;
  const total = weights.reduce((sum, weight, place) => sum + weight * Number(number[place]), 0);
  if (signs[total % 11] !== number[17]) return false;
  const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)].map(Number);
  const born = new Date(Date.UTC(2000, 0, 1));
  born.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day ?? 0);
  return (year ?? 0) > 0 && born.getUTCMonth() + 1 === month && born.getUTCDate() === day;
}

/** @param {string} digits */
function passesLuhn(digits) {
  if (new Set(digits).size === 1) return false;
  const total = [...digits].reverse().reduce((sum, digit, place) => {
    const value = Number(digit) * (1 + (place % 2));
    return sum + (value > 9 ? value - 9 : value);
  }, 0);
  return total % 10 === 0;
}

/** @param {string} written @returns {NumberKind | null} */
function kindOf(written) {
  const number = written.replace(/[ -]/g, "").toUpperCase();
  if (isIdentity(number)) return "identity";
  if (mobile.test(number)) return "mobile";
  return /^\d{16,19}$/.test(number) && passesLuhn(number) ? "bank_card" : null;
}

/**
 * What the groups of a run are, the longest first: two numbers may stand beside each other.
 * @param {string} text @param {number} start @param {number} end @returns {FoundNumber[]}
 */
function lookAtGroups(text, start, end) {
  const groups = [...text.slice(start, end).matchAll(/[\dXx]+/g)].map((group) => [
    start + group.index,
    start + group.index + group[0].length,
  ]);
  /** @type {FoundNumber[]} */
  const found = [];
  for (let first = 0; first < groups.length; first += 1) {
    for (let last = groups.length - 1; last >= first; last -= 1) {
      const [begin, finish] = [groups[first]?.[0] ?? 0, groups[last]?.[1] ?? 0];
      const kind = kindOf(text.slice(begin, finish));
      if (kind) {
        found.push({ kind, start: begin, end: finish });
        first = last;
        break;
      }
    }
  }
  return found;
}

/**
 * The numbers of a text, in its order.
 * @param {string} text @returns {FoundNumber[]}
 */
export function findNumbers(text) {
  const simple = plain(text);
  return [...simple.matchAll(run)].flatMap((one) => {
    const [start, end] = [one.index, one.index + one[0].length];
    const kind = kindOf(one[0]);
    return kind ? [{ kind, start, end }] : lookAtGroups(simple, start, end);
  });
}
