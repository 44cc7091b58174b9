import { longestList, longestText, type NewEvent } from '../../contract/run/run-event';
import { oneLine } from '../../contract/text/plain-text';

/**
 * An event as others may see it: every text on one line and not too long, no list too long, and nothing that could be an approval code,
 * which somebody may have written into a reason.
 */
export const fittingEvent = <Event extends NewEvent>(event: Event): Event => fitting(event, '') as Event;

/** Names and instants, which nobody writes by hand while a code is worth something; some of them look like one. */
const names = new Set(['workflowId', 'firstRun', 'planDigest', 'link', 'rollback', 'at', 'until', 'report']);

function fitting(value: unknown, name: string): unknown {
  if (typeof value === 'string') return oneLine(names.has(name) ? value : withoutCode(value), longestText);
  if (Array.isArray(value)) return value.slice(0, longestList).map((part) => fitting(part, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, fitting(part, key)]));
}

/** 16 letters and digits in groups of four. */
const setApart = /\b[0-9A-Z]{4}(?:[-–.:_/][0-9A-Z]{4}){3,}\b/gi;
/** With spaces, or in one piece, only what is in capitals or has a digit: words are as long. */
const inCapitals = /\b[0-9A-Z]{4}(?:\s[0-9A-Z]{4}){3,}\b|\b[0-9A-Z]{16}\b/g;
const likeWords = new RegExp(inCapitals.source, 'gi');
const isNoWord = (text: string): boolean => /\d/.test(text);

/** The text without what could be an approval code. */
export const withoutCode = (text: string): string =>
  text
    .slice(0, longestText * 4)
    .replace(setApart, removed)
    .replace(inCapitals, removed)
    .replace(likeWords, (found) => (isNoWord(found) ? removed : found));

const removed = '(code removed)';
