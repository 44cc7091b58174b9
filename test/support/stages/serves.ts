import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Environment } from '../../../activities/environment/environment';

/** From now on an application answers for this environment that names this release; as long as this process lives. */
export async function serves(environment: Environment, release: string): Promise<void> {
  server ??= listen();
  environment.application = { ...environment.application, url: `${await server}/${encodeURIComponent(release)}` };
}

/** One for all: it names the release that the path begins with. */
let server: Promise<string> | undefined;

async function listen(): Promise<string> {
  const releases = createServer(({ url = '/' }, response) => {
    const release = decodeURIComponent(url.split('/')[1] ?? '');
    response.setHeader('Connection', 'close');
    response.end(JSON.stringify({ status: 'ok', release }));
  });
  await new Promise<void>((resolve) => releases.listen(0, '127.0.0.1', resolve));
  releases.unref();
  releases.on('connection', (socket) => socket.unref());
  return `http://127.0.0.1:${(releases.address() as AddressInfo).port}`;
}
