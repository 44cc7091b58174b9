import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands before a server, which is away for those who come by it while it is closed. */
export async function startClosableProxy(server: { host: string; port: number }) {
  const sockets = new Set<Socket>();
  let isOpen = true;
  const proxy = createServer((client) => {
    if (!isOpen) return void client.destroy();
    const upstream = connect(server.port, server.host);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => (sockets.delete(socket), other.destroy()));
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    close: () => ((isOpen = false), cut()),
    open: () => void (isOpen = true),
    stop: () => (proxy.close(), cut()),
  };
}
