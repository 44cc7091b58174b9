import { type AddressInfo, connect, createServer } from 'node:net';

/** Stands between a client and a server, and keeps all that both send. */
export async function startRecordingProxy(server: { host: string; port: number }) {
  const answers: Buffer[] = [];
  const requests: Buffer[] = [];
  const proxy = createServer((client) => {
    const upstream = connect(server.port, server.host);
    client.on('error', () => undefined).on('close', () => upstream.end());
    upstream.on('error', () => undefined).on('close', () => client.end());
    client.on('data', (data) => void requests.push(data)).pipe(upstream);
    upstream.on('data', (data) => {
      answers.push(data);
      client.write(data);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  proxy.unref(); // a test that failed leaves it open
  return {
    port: (proxy.address() as AddressInfo).port,
    requests: () => Buffer.concat(requests).toString('latin1'),
    answers: () => Buffer.concat(answers).toString('latin1'),
    stop: () => void proxy.close(),
  };
}
