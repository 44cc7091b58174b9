import { readableDuration } from './duration';

/** An ISO instant for people: `2026-11-24 09:00:12 UTC`. What is no instant stays as it is. */
export function readableInstant(iso: string): string {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? iso : `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A deadline seen from now: `2026-11-24 09:00:12 UTC (in 23 h 40 min)`, or `(over)`. */
export function readableDeadline(iso: string, asOf: string): string {
  const leftMs = Date.parse(iso) - Date.parse(asOf);
  if (Number.isNaN(leftMs)) return readableInstant(iso);
  return `${readableInstant(iso)} (${leftMs > 0 ? `in ${readableDuration(leftMs)}` : 'over'})`;
}

/** How long something took or has taken so far. */
export const readableSpan = (from: string, to: string): string =>
  readableDuration(Math.max(0, Date.parse(to) - Date.parse(from)) || 0);
