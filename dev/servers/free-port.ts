import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

// Below what systems hand out for outgoing connections, so that none of those takes a port between our look and its use.
const LOWEST_PORT = 15_000;
const HIGHEST_PORT = 32_000;

/**
 * Ports on loopback that nobody listens on. Another process may still be faster: wrap the start of a server in
 * `withFreePorts`.
 */
export async function findFreePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries > 1000)
      throw new Error(`expected ${count} free ports between ${LOWEST_PORT} and ${HIGHEST_PORT}, found none`);
    const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
    if (!ports.includes(port) && (await isFree(port))) ports.push(port);
  }
  return ports;
}

/** Starts something that listens on free ports; with others, if somebody was faster. */
export async function withFreePorts<T>(count: number, start: (ports: number[]) => Promise<T>): Promise<T> {
  for (let triesLeft = 4; ; triesLeft--) {
    try {
      return await start(await findFreePorts(count));
    } catch (error) {
      if (triesLeft === 0 || !/address already in use/i.test(String(error))) throw error;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
