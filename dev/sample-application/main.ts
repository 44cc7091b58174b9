/** A sample process: what it tells its parent once it serves, and how it ends. */
export interface Serving {
  ready: object;
  close(): Promise<void>;
}

/**
 * Runs a sample process until SIGTERM, SIGINT or the death of its parent: the parent's end of the IPC channel closes
 * with it, even after `kill -9`, so nothing is left behind. Started by hand there is no channel and no parent to miss.
 */
export async function serveUntilTold(open: () => Promise<Serving>): Promise<void> {
  let told: () => void = () => undefined;
  const end = new Promise<void>((resolve) => (told = resolve));
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.once(signal as 'disconnect', told);
  try {
    const serving = await open();
    process.send?.({ ready: serving.ready });
    await end;
    await serving.close();
    process.exit(0);
  } catch (error) {
    const failed = error instanceof Error ? error.message : String(error);
    process.send?.({ failed });
    process.stderr.write(`${failed}\n`);
    process.exit(1);
  }
}

/** A variable that must be there. */
export function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`expected the environment variable ${name}, found none`);
  return value;
}

/** A port from the environment; 0 asks for a free one. */
export function parsePort(name: string, byDefault: number): number {
  const port = Number(process.env[name] ?? byDefault);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error(`expected a port in ${name}, found "${process.env[name]}"`);
}
