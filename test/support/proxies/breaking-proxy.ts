import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between clients and a server, like a network that can break. */
export interface BreakingProxy {
  port: number;
  /**
   * Breaks all connections that there are: clients notice, the server does not, as behind a router that was restarted.
   * New ones work.
   */
  cut(): void;
  stop(): void;
}

export async function startBreakingProxy(server: { host: string; port: number }): Promise<BreakingProxy> {
  const open = new Set<{ client: Socket; upstream: Socket; isCut: boolean }>();
  const proxy = createServer((client) => {
    const line = { client, upstream: connect(server.port, server.host), isCut: false };
    open.add(line);
    client.on('data', (data) => line.upstream.write(data)).on('error', () => undefined);
    client.on('close', () => line.isCut || line.upstream.destroy());
    line.upstream.on('data', (data) => line.isCut || client.write(data)).on('error', () => undefined);
    line.upstream.on('close', () => {
      client.destroy();
      open.delete(line);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    port: (proxy.address() as AddressInfo).port,
    cut: () => {
      for (const line of open) {
        line.isCut = true;
        line.client.destroy();
      }
    },
    stop: () => {
      proxy.close();
      for (const { client, upstream } of open) for (const end of [client, upstream]) end.destroy();
    },
  };
}
