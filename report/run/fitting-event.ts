import { longestList, longestText, type NewEvent } from '../../contract/run/run-event';
import { oneLine } from '../../contract/text/plain-text';

/**
 * An event as others may see it: every text on one line and not too long, no list too long, and nothing that could be an approval code,
 * which somebody may have written into a reason.
 */
export const fittingEvent = <Event extends NewEvent>(event: Event): Event => fitting(event) as Event;

function fitting(value: unknown): unknown {
  if (typeof value === 'string') return oneLine(withoutCode(value), longestText);
  if (Array.isArray(value)) return value.slice(0, longestList).map(fitting);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fitting(part)]));
}

/** 16 letters and digits in groups of four, however they are set apart; in one piece only with a digit in it, since words are as long. */
const code = /\b[0-9A-Z]{4}(?:[-–\s.][0-9A-Z]{4}){3}\b|\b(?=[A-Z]*[0-9])[0-9A-Z]{16}\b/gi;

/** The text without what could be an approval code. */
export const withoutCode = (text: string): string => text.slice(0, longestText * 4).replace(code, '(code removed)');
