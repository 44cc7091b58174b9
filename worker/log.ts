import pino, { type Logger } from 'pino';
import { redact } from '../adapters/programs/secret-text';

/** Takes one line with its end. Default: standard error, since standard output is for data. */
export type WriteLine = (line: string) => void;

/**
 * The log of a worker: one JSON object a line. Every text in it is masked, also those of Temporal's SDK and of errors,
 * so that neither a secret of the settings nor something that looks like one gets into it.
 */
export function openLog(
  secrets: readonly string[],
  write: WriteLine = (line) => void process.stderr.write(line),
): Logger {
  const masked = (line: string): string => `${JSON.stringify(mask(JSON.parse(line), secrets))}\n`;
  const options = { base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: levelByName } };
  return pino(options, { write: (line) => write(masked(line)) });
}

const levelByName = (level: string) => ({ level });

function mask(value: unknown, secrets: readonly string[]): unknown {
  if (typeof value === 'string') return redact(value, secrets);
  if (Array.isArray(value)) return value.map((item) => mask(item, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, mask(member, secrets)]));
}
