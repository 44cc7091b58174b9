import { type AddressInfo, connect, createServer } from 'node:net';

/**
 * Stands between a client and PostgreSQL, and cuts the client off when it sends `word` (such as `commit\0`): the server
 * gets the message and carries it out, its answer is lost.
 */
export async function startCuttingProxy(server: { host: string; port: number }, word: string) {
  const proxy = createServer((client) => {
    const upstream = connect(server.port, server.host);
    let cutting = false;
    client.on('error', () => undefined).on('close', () => upstream.end());
    upstream.on('error', () => undefined).on('close', () => client.end());
    client.on('data', (data) => {
      cutting ||= data.includes(word);
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (cutting) client.destroy();
      else client.write(data);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return { port: (proxy.address() as AddressInfo).port, stop: () => void proxy.close() };
}
