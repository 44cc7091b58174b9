import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { startRedis, type RedisServer } from '../../../dev/servers/redis-server';
import { until } from '../looks/until';

/** Three masters and a replica of the first one, with one password. */
export interface RedisCluster {
  masters: { server: RedisServer; client: Redis; id: string }[];
  replica: { server: RedisServer; client: Redis };
  stop(): Promise<void>;
}

const slotsOf = (part: number): number[] =>
  Array.from({ length: 16_384 }, (_, slot) => slot).filter((slot) => Math.floor(slot / 5_462) === part);

/** Takes some seconds: the nodes tell each other by gossip. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const password = randomBytes(18).toString('base64url');
  const settings = { 'cluster-enabled': 'yes', 'cluster-node-timeout': 5_000, masterauth: password };
  const starting = [1, 2, 3, 4].map((number) => startRedis({ name: `Redis node ${number}`, settings, password }));
  const nodes = (await Promise.all(starting)).map((server) => ({
    server,
    client: new Redis(server.url, { disconnectTimeout: 100 }),
  }));
  const stop = async (): Promise<void> => {
    for (const { client } of nodes) client.disconnect();
    await Promise.all(nodes.map(({ server }) => server.stop()));
  };
  try {
    const [first, second, third, replica] = nodes as [Node, Node, Node, Node];
    const masters = [first, second, third];
    await Promise.all(masters.map(({ client }, part) => client.cluster('ADDSLOTS', ...slotsOf(part))));
    for (const { server } of nodes) await first.client.cluster('MEET', server.host, server.port);
    const sees = async ({ client }: Node, text: string) => (await client.cluster('INFO')).includes(text);
    const allSee = async (text: string) => (await Promise.all(nodes.map((node) => sees(node, text)))).every(Boolean);
    await until(async () => (await allSee('cluster_state:ok')) && (await allSee('cluster_known_nodes:4')), 20_000);
    const ids = await Promise.all(masters.map(({ client }) => client.cluster('MYID')));
    await replica.client.cluster('REPLICATE', ids[0] ?? '');
    await until(async () => (await replica.client.info('replication')).includes('master_link_status:up'), 20_000);
    return { masters: masters.map((node, index) => ({ ...node, id: ids[index] ?? '' })), replica, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Node {
  server: RedisServer;
  client: Redis;
}
