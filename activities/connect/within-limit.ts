import { redact, safeMessage } from '../../adapters/programs/secret-text';
import { finding, type Finding } from '../../contract/run/findings';

/** One thing outside that a worker has to reach, as it is named to people: `database`, `Redis`. */
export interface Part {
  part: string;
  findings: Finding[];
}

/** Options of {@link withinLimit}. */
export interface TryOptions {
  /** What must not be shown, wherever it comes back from. */
  secrets: readonly string[];
  /** Default 10 s: whoever asks stands in front of it. */
  limitMs?: number;
}

/** What is shorter may be a word of ours by chance; adapters mask those where they come back. */
const shortestSecret = 8;

type Work = (signal: AbortSignal) => Promise<Finding[]>;

/**
 * Tries one part, for some seconds at most. Guards against a dead host that holds up all the others: what has not answered
 * by then, or could not be tried, is unknown. Never throws.
 */
export async function withinLimit(part: string, work: Work, { secrets, limitMs = 10_000 }: TryOptions): Promise<Part> {
  const limit = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Finding[]>((resolve) => {
    timer = setTimeout(() => resolve([silent(part, limitMs)]), limitMs);
  });
  const tried = work(limit.signal).catch((error: unknown) => [broken(part, safeMessage(error, secrets))]);
  try {
    const findings = await Promise.race([tried, late]);
    const telling = secrets.filter((secret) => secret.length >= shortestSecret);
    return { part, findings: findings.map((each) => ({ ...each, found: redact(each.found, telling) })) };
  } finally {
    clearTimeout(timer);
    limit.abort(); // ends what is still under way
  }
}

const silent = (part: string, limitMs: number): Finding =>
  finding(part, 'unknown', {
    expected: `an answer within ${limitMs / 1_000} s`,
    found: 'none',
    remedy: 'look whether the address in the settings is right, and whether this machine may reach it',
  });

const broken = (part: string, found: string): Finding =>
  finding(part, 'unknown', {
    expected: 'an answer',
    found,
    remedy: 'correct the settings, or what it names, and try again',
  });
