import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SampleEnvironment } from '../stages/sample-environment';

/** Answers each call as an application whose health names this release. */
export async function serveRelease(release: string): Promise<{ url: string; close(): void }> {
  const server = createServer((_, response) => void response.end(JSON.stringify({ status: 'ok', release })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}

/** Somebody answers for the application of an environment that has none, and names this release. */
export async function whileServing(
  { environment }: Pick<SampleEnvironment, 'environment'>,
  release: string,
  work: () => Promise<void>,
): Promise<void> {
  const { application } = environment;
  const { url, close } = await serveRelease(release);
  environment.application = { ...application, url };
  await work().finally(() => {
    environment.application = application;
    close();
  });
}
