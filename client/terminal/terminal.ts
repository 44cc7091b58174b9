import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

/** Where a word reads and writes: data on stdout, whatever else people should know on stderr. */
export interface Terminal {
  out(text: string): void;
  note(text: string): void;
  /** Writes over the screen; only where `outIsTerminal`. */
  redraw(text: string): void;
  readonly outIsTerminal: boolean;
  /** Of the terminal, in characters; 100 by 40 where it does not say. */
  readonly size: { columns: number; rows: number };
  /** Whether there is somebody to ask. */
  readonly interactive: boolean;
  /** One line from a person. What is secret is not echoed. */
  ask(question: string, secret?: boolean): Promise<string>;
  /** All of stdin, to its end. */
  readInput(): Promise<string>;
}

/** The terminal of this process. */
export function openTerminal(): Terminal {
  const { stdin, stdout, stderr } = process;
  const line = (text: string): string => (text.endsWith('\n') ? text : `${text}\n`);
  return {
    out: (text) => void stdout.write(line(text)),
    note: (text) => void stderr.write(line(text)),
    redraw: (text) => void stdout.write(`\u001b[2J\u001b[H${line(text)}`),
    outIsTerminal: stdout.isTTY,
    get size() {
      return { columns: stdout.columns || 100, rows: stdout.rows || 40 };
    },
    interactive: stdin.isTTY && stderr.isTTY,
    ask,
    async readInput() {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer));
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}

async function ask(question: string, secret = false): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const prompt = createInterface({ input: process.stdin, output: secret ? silent : process.stderr, terminal: true });
  const interrupt = new AbortController();
  // Ctrl-C and the end of the input are no answer.
  prompt.once('SIGINT', () => interrupt.abort());
  prompt.once('close', () => interrupt.abort());
  try {
    if (secret) process.stderr.write(question);
    const answer = await prompt.question(secret ? '' : question, { signal: interrupt.signal });
    return answer.trim();
  } finally {
    prompt.close();
    if (secret) process.stderr.write('\n');
  }
}
