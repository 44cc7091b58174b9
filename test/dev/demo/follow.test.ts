import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { watchEnd } from '../../../dev/demo/follow';
import type { TemporalServer } from '../../../dev/servers/temporal-server';
import { startTemporal } from '../../support/servers/servers';
import { startOpenWorkflow } from '../../support/servers/temporal-client';
import { until } from '../../support/looks/until';

const folder = mkdtempSync(join(tmpdir(), 'rubicon-follow-'));
let server: TemporalServer;
let connection: Connection;

beforeAll(async () => {
  server = await startTemporal({ ui: false, dbFilename: join(folder, 'temporal.db') });
  connection = await Connection.connect({ address: server.address, interceptors: [] }); // as the stack's
});

afterAll(async () => {
  await connection.close();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('a Temporal that is away for a moment does not end the demo, which then hears how the run ended', async () => {
  const client = new Client({ connection });
  const { workflowId } = await startOpenWorkflow(client);
  const ended = watchEnd(client, workflowId);
  expect(await ended()).toBeUndefined();
  await server.kill();
  expect(await ended()).toBeUndefined();
  await server.restart();
  const handle = client.workflow.getHandle(workflowId);
  await until(async () => (await faultOf(handle.terminate('enough'))) === undefined, 20_000);
  let fault: Error | undefined;
  await until(async () => (fault = await faultOf(ended())) !== undefined, 20_000);
  expect(fault).toMatchObject({ message: 'enough' });
});

const faultOf = (call: Promise<unknown>): Promise<Error | undefined> =>
  call.then(
    () => undefined,
    (error: Error) => error,
  );
