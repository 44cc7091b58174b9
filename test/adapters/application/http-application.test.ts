import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { call } from '../../../adapters/application/http-application';
import { loadTest } from '../../../adapters/application/load-test';

const key = 'planted-key-ключ-77';
const asBytes = Buffer.from(key, 'utf8').toString('latin1');

let server: Server;
let baseUrl: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let seen: { method: string; url: string; key: string; body: string }[];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const header = Buffer.from(String(request.headers['x-api-key'] ?? ''), 'latin1').toString('utf8');
      seen.push({ method: request.method ?? '', url: request.url ?? '', key: header, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
  answer = (_, response) => response.end('{"status":"ok"}');
});

describe('a call', () => {
  it('gives status, JSON and time', async () => {
    answer = (_, response) => response.writeHead(201).end('{"id":7}');
    const options = {
      baseUrl: `${baseUrl}/app/`,
      method: 'POST',
      path: '/sessions?a=1',
      headers: { 'X-API-Key': asBytes },
    };
    expect(await call({ ...options, body: { title: 'x' } })).toEqual({
      status: 201,
      json: { id: 7 },
      tookMs: expect.any(Number),
    });
    expect(seen).toEqual([{ method: 'POST', url: '/app/sessions?a=1', key, body: '{"title":"x"}' }]);
  });

  it('takes any status and any body as an answer', async () => {
    answer = (_, response) => response.writeHead(500).end('Internal Server Error');
    expect(await call({ baseUrl, path: '/' })).toEqual({ status: 500, tookMs: expect.any(Number) });
  });

  it('does not follow a redirect with the key', async () => {
    answer = (_, response) => response.writeHead(307, { location: '/elsewhere' }).end();
    expect(await call({ baseUrl, path: '/', headers: { 'X-API-Key': asBytes } })).toMatchObject({ status: 307 });
    expect(seen).toHaveLength(1);
  });

  it('uses a connection of its own', async () => {
    const connections = new Set<unknown>();
    answer = (request, response) => {
      connections.add(request.socket);
      response.end('{}');
    };
    await call({ baseUrl, path: '/' });
    await call({ baseUrl, path: '/' });
    expect(connections.size).toBe(2);
  });

  it('does not read an endless answer', async () => {
    answer = (_, response) => {
      const write = (): void => void (!response.destroyed && response.write('x'.repeat(500_000), write));
      write();
    };
    expect(await call({ baseUrl, path: '/' })).toEqual({ status: 200, tookMs: expect.any(Number) });
  });

  it.each<[string, (request: IncomingMessage, response: ServerResponse) => void, string]>([
    ['no answer', () => {}, 'timeout'],
    ['half an answer', (_, response) => response.write('{'), 'timeout'],
    ['a closed connection', (request) => request.socket.destroy(), 'connection-lost'],
  ])('says when there is %s', async (_, behave, kind) => {
    answer = behave;
    const result = await call({ baseUrl, path: '/', timeoutMs: 300, headers: { 'X-API-Key': asBytes } });
    expect(result).toMatchObject({ failure: { kind } });
    expect(result.status).toBeUndefined();
  });

  it.each([
    ['no one listens', { baseUrl: 'http://127.0.0.1:2' }, 'refused'],
    ['the URL is none', { baseUrl: 'nonsense' }, 'request'],
    ['the path is none', { path: '@elsewhere/' }, 'request'],
    ['the key has a line break', { headers: { 'X-API-Key': 'planted-\nx' } }, 'request'],
    ['the key has more than bytes', { headers: { 'X-API-Key': 'planted-ключ' } }, 'request'],
  ])('says when %s, without the key', async (_, options, kind) => {
    const result = await call({ baseUrl, path: '/', headers: { 'X-API-Key': asBytes }, ...options });
    expect(result).toMatchObject({ failure: { kind } });
    expect(JSON.stringify(result)).not.toContain('planted');
  });

  it('throws at a cancel', async () => {
    answer = () => cancel.abort(reason);
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    await expect(call({ baseUrl, path: '/', signal: cancel.signal })).rejects.toBe(reason);
    await expect(call({ baseUrl, path: '/', signal: cancel.signal })).rejects.toBe(reason);
  });
});

describe('a load test', () => {
  const calls = [
    { path: '/list?limit=1', headers: { 'X-API-Key': asBytes }, weight: 3 },
    { method: 'POST' as const, path: '/create', headers: { 'X-API-Key': asBytes }, body: { title: 'load [<id>]' } },
  ];

  it('sends as many requests as asked, by weight, each with its key and a body of its own', async () => {
    const progress: number[] = [];
    const result = await loadTest({
      baseUrl,
      requests: 203,
      connections: 50,
      calls,
      onProgress: ({ answered }) => progress.push(answered),
    });

    expect(result).toMatchObject({ requests: 203, succeeded: 203, failed: 0, statusCounts: { 200: 203 }, errors: {} });
    expect(seen).toHaveLength(203);
    expect(seen.every((request) => request.key === key)).toBe(true);
    const bodies = seen.filter(({ url }) => url === '/create').map(({ body }) => body);
    expect(bodies.length).toBeGreaterThanOrEqual(50);
    expect(bodies.length).toBeLessThanOrEqual(51);
    expect(new Set(bodies).size).toBe(bodies.length);
    expect(bodies[0]).toMatch(/^\{"title":"load [\w-]+"\}$/);
    expect(progress.at(-1)).toBe(203);
  });

  it('has exact quantiles', async () => {
    let count = 0;
    answer = (_, response) => void setTimeout(() => response.end('{}'), count++ < 16 ? 150 : 0);
    const result = await loadTest({ baseUrl, requests: 200, connections: 20, calls: [{ path: '/' }] });
    expect(result.p50Ms).toBeLessThan(100);
    expect(result.p95Ms).toBeGreaterThanOrEqual(145);
    expect(result.maxMs).toBeGreaterThanOrEqual(result.p99Ms ?? Infinity);
    expect(result.tookMs).toBeGreaterThanOrEqual(150);
  });

  it('counts every other status as failed', async () => {
    let count = 0;
    answer = (_, response) => response.writeHead(count++ % 10 === 0 ? 503 : 201).end('{}');
    const result = await loadTest({ baseUrl, requests: 100, connections: 10, calls });
    expect(result).toMatchObject({ succeeded: 90, failed: 10, statusCounts: { 201: 90, 503: 10 }, errors: {} });
  });

  it('counts requests that get no answer as failed', async () => {
    let count = 0;
    answer = (request, response) => (count++ % 10 === 0 ? request.socket.destroy() : response.end('{}'));
    const result = await loadTest({ baseUrl, requests: 100, connections: 10, calls });
    expect(result.succeeded + result.failed).toBe(100);
    expect(result.failed).toBeGreaterThanOrEqual(10);
    expect(Object.values(result.errors).reduce((sum, n) => sum + n, 0)).toBe(result.failed);
  });

  it('ends when nobody listens, and when nobody answers', async () => {
    const refused = await loadTest({ baseUrl: 'http://127.0.0.1:2', requests: 20, connections: 5, calls });
    expect(refused).toMatchObject({ succeeded: 0, failed: 20, statusCounts: {}, errors: { ECONNREFUSED: 20 } });
    expect(refused.p95Ms).toBeUndefined();
    answer = () => {};
    const silent = await loadTest({ baseUrl, requests: 3, connections: 3, timeoutMs: 1_000, calls });
    expect(silent).toMatchObject({ succeeded: 0, failed: 3, errors: { 'request timed out': 3 } });
  });

  it('is small when more connections than requests are asked for', async () => {
    expect(await loadTest({ baseUrl, requests: 3, connections: 10, calls })).toMatchObject({ succeeded: 3 });
  });

  it('sends no key to a server whose certificate is not trusted', async () => {
    const result = await loadTest({ baseUrl: baseUrl.replace('http:', 'https:'), requests: 5, connections: 5, calls });
    expect(result).toMatchObject({ succeeded: 0, failed: 5 });
    expect(seen).toEqual([]);
  });

  it('stops at a cancel', async () => {
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const onProgress = ({ answered }: { answered: number }): void => void (answered === 20 && cancel.abort(reason));
    const load = loadTest({ baseUrl, requests: 100_000, connections: 10, calls, signal: cancel.signal, onProgress });
    await expect(load).rejects.toBe(reason);
    expect(seen.length).toBeLessThan(10_000);
  });
});
