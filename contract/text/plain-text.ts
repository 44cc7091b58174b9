// Control characters, marks that turn the direction of writing (with which a text can pretend to be another), and
// halves of surrogate pairs.
const unprintable = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]|\p{Cs}/gu;

/** What somebody else wrote, as one line of at most `limit` characters without anything that a reader can't see. */
export function oneLine(text: string, limit = 500): string {
  // Cut before cleaning, so that a hostile text costs no time.
  const line = text
    .slice(0, limit * 4)
    .replace(/\s+/g, ' ')
    .replace(unprintable, '')
    .trim();
  const characters = [...line];
  const whole = characters.length <= limit && text.length <= limit * 4;
  return whole ? line : `${characters.slice(0, limit - 1).join('')}…`;
}

/** A name with everything in it that a reader can't see written out, such as `\\u{202e}`: it can't pretend to be another. */
export const visible = (text: string): string =>
  text.replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);

/** `1 row`, `2 rows`, `1,234,567 rows`. */
export const counted = (count: number, one: string, many = `${one}s`): string =>
  `${thousands(count)} ${count === 1 ? one : many}`;

/** 1234567 → `1,234,567`; without `Intl`, whose data differ between machines. */
export const thousands = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** What was dropped beside what was copied: `300 rows copied, 300 dropped`. */
export function droppedOf({ copied, dropped }: { copied: number; dropped: number }): string {
  const deleted = copied === dropped ? '' : ` (${thousands(copied - dropped)} were deleted meanwhile)`;
  return `${thousands(copied)} ${copied === 1 ? 'row' : 'rows'} copied, ${thousands(dropped)} dropped${deleted}`;
}

/** `3.40 MB`, in decimal units: for the eye only. */
export function readableSize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = bytes < 1_000 ? 0 : Math.min(4, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1_000 ** power;
  return `${power === 0 ? value : value.toPrecision(3)} ${units[power]}`;
}

/** Bytes in UTF-8, without Node: workflows count them too. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/** Whether a text has a letter or a figure: of "…", which stands in every example, nobody learns anything later. */
export const saysSomething = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);
