import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const typeOf = (message: Buffer): string => String.fromCharCode(message[0] ?? 0);

/**
 * What a transaction pooler does to its clients: announces a pid of its own, and hands ONE session of the server from
 * client to client, each for a transaction. Its first client lets itself in; the later ones get the same answers.
 */
export async function startTransactionPooler(server: { host: string; port: number }) {
  const upstream = connect(server.port, server.host);
  const waiting: (() => void)[] = [];
  let owner: Socket | undefined;
  let welcome: Buffer | undefined;
  let greeting: Buffer[] = [];

  const take = async (client: Socket): Promise<void> => {
    while (owner !== undefined && owner !== client) await new Promise<void>((resolve) => waiting.push(resolve));
    owner = client;
  };
  const release = () => {
    owner = undefined;
    waiting.splice(0).forEach((wake) => wake());
  };

  onMessages(upstream, (raw) => {
    const message = typeOf(raw) === 'K' ? withAnotherPid(raw) : raw;
    owner?.write(message);
    // What comes before "you are in" is between the server and the first client.
    if (typeOf(message) === 'R' && message.readInt32BE(5) === 0) greeting = [];
    if (welcome === undefined) greeting.push(message);
    const idle = typeOf(message) === 'Z' && message[5] === 'I'.charCodeAt(0);
    if (!idle) return;
    welcome ??= Buffer.concat(greeting);
    release();
  });

  const pooler = createServer((client) => {
    let queue = Promise.resolve();
    let started = false;
    const pass = async (data: Buffer): Promise<void> => {
      if (typeOf(data) === 'X') return void client.end(); // the server's session stays
      await take(client);
      const known = !started && welcome !== undefined;
      started = true;
      if (!known) return void upstream.write(data);
      client.write(welcome ?? '');
      release();
    };
    client.on('error', () => undefined);
    client.on('data', (data: Buffer) => (queue = queue.then(() => pass(data))));
  });
  await new Promise<void>((resolve) => pooler.listen(0, '127.0.0.1', resolve));
  return {
    port: (pooler.address() as AddressInfo).port,
    stop: () => {
      upstream.destroy();
      pooler.close();
    },
  };
}

/** Whole messages of the protocol: a type, and a length that counts itself. */
function onMessages(socket: Socket, onMessage: (message: Buffer) => void): void {
  let rest = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    rest = Buffer.concat([rest, data]);
    while (rest.length >= 5 && rest.length >= 1 + rest.readInt32BE(1)) {
      const length = 1 + rest.readInt32BE(1);
      onMessage(rest.subarray(0, length));
      rest = rest.subarray(length);
    }
  });
}

/** BackendKeyData with a pid that no backend has. */
function withAnotherPid(message: Buffer): Buffer {
  const changed = Buffer.from(message);
  changed.writeInt32BE(999_999, 5);
  return changed;
}
