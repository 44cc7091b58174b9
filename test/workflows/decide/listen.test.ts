import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { messageKinds, readMessage } from '../../../contract/run/messages';
import { workflowBundle } from '../../support/servers/servers';
import { openTestTemporal, startOpenWorkflow, type TestTemporal } from '../../support/servers/temporal-client';

/** What Temporal UI asks for its dialogs and for the details of a run. */
interface Metadata {
  currentDetails: string;
  definition: { signalDefinitions: Described[]; queryDefinitions: Described[]; updateDefinitions: Described[] };
}
interface Described {
  name: string;
  description: string;
}

let at: TestTemporal;
let native: NativeConnection;
let running: Promise<void>;
let worker: Worker;
let handle: WorkflowHandle;

// Workflows without activities: the rollout waits for its plan, and listens.
beforeAll(async () => {
  at = await openTestTemporal();
  native = await NativeConnection.connect({ address: at.address });
  worker = await Worker.create({
    ...{ connection: native, namespace: at.namespace, taskQueue: 'rubicon', workflowBundle: await workflowBundle() },
    reuseV8Context: true,
  });
  running = worker.run();
  const args = [{ plan: 'drop-plaintext-api-keys', requestedBy: 'maria' }];
  const { workflowId } = await startOpenWorkflow(at.client, { taskQueue: 'rubicon', args });
  handle = at.client.workflow.getHandle(workflowId);
});

afterAll(async () => {
  worker.shutdown();
  await running;
  await native.close();
  await at.close();
});

const metadata = (): Promise<Metadata> => handle.query<Metadata>('__temporal_workflow_metadata');

test('every signal, query and update says in the dialog what it does', async () => {
  const { definition } = await metadata();
  const { signalDefinitions: signals, queryDefinitions, updateDefinitions } = definition;
  const described = [...signals, ...queryDefinitions, ...updateDefinitions].filter(({ name }) => name !== '');
  expect(described.map(({ name }) => name)).toEqual(
    expect.arrayContaining([...messageKinds, 'status', 'why', 'decide']),
  );
  for (const { description, name } of described.filter(({ name: each }) => !each.startsWith('__'))) {
    expect({ name, description }).toEqual({ name, description: expect.stringMatching(/\w.*[.}]$/) });
  }
});

test('the example of a signal is one that is taken', async () => {
  const { definition } = await metadata();
  for (const kind of messageKinds) {
    const { description = '' } = definition.signalDefinitions.find(({ name }) => name === kind) ?? {};
    const [, example = ''] = / Example: (.*)$/.exec(description) ?? [];
    expect(readMessage(kind, JSON.parse(example))).toMatchObject({ kind });
  }
});

test.each([
  ['hold', ['please'], 'hold: unusable input (input: '],
  ['approve', [], 'approve: unusable input (input: '],
  ['approve', ['K7Q2-9XWM-4T3H-PB6D'], 'approve: refused: no gate is open'],
  ['delete everything', [{}], 'delete everything: unknown signal "delete everything"'],
])('what can’t be taken is shown at once: %s %j', async (signal, args, refusal) => {
  await handle.signal(signal, ...args);
  const { currentDetails } = await metadata();
  expect(currentDetails.replaceAll('\\', '')).toContain(refusal);
});
