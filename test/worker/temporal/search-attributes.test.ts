import { randomUUID } from 'node:crypto';
import { NativeConnection } from '@temporalio/worker';
import { searchAttributes } from '../../../contract/run/names';
import { checkSearchAttributes } from '../../../worker/temporal/search-attributes';
import { createNamespace } from '../../support/servers/servers';

let connection: NativeConnection;
beforeAll(async () => (connection = await NativeConnection.connect({ address: (await createNamespace()).address })));
afterAll(() => connection.close());

const [keyword, integer] = [2, 3];

async function bareNamespace(attributes: Record<string, number> = {}): Promise<string> {
  const namespace = `bare-${randomUUID()}`;
  const day = { seconds: 86_400 as never }; // the generated types want a Long, the wire does not
  await connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: day });
  if (Object.keys(attributes).length > 0) {
    await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: attributes });
  }
  return namespace;
}

async function attributesOf(namespace: string): Promise<Record<string, unknown>> {
  return (await connection.operatorService.listSearchAttributes({ namespace })).customAttributes ?? {};
}

test('what a namespace lacks is registered, and nothing twice', async () => {
  const namespace = await bareNamespace({ RolloutPlan: keyword });
  expect(await checkSearchAttributes(connection, namespace)).toBeUndefined();
  for (const name of searchAttributes) expect(await attributesOf(namespace)).toHaveProperty(name, keyword);
  expect(await checkSearchAttributes(connection, namespace)).toBeUndefined();
});

test('an attribute of another type is refused', async () => {
  const namespace = await bareNamespace({ RolloutPhase: integer });
  await expect(checkSearchAttributes(connection, namespace)).rejects.toThrow(
    `expected search attributes RolloutPhase of type Keyword in namespace ${namespace}, found another type`,
  );
});

test('a worker that may not look is warned, and one that may not add says the command', async () => {
  const refuse = () => Promise.reject(new Error('7 PERMISSION_DENIED: Request unauthorized.'));
  const { operatorService } = connection;
  const namespace = await bareNamespace();
  const blind = { operatorService: { ...operatorService, listSearchAttributes: refuse } } as never;
  expect(await checkSearchAttributes(blind, namespace)).toMatch(/could not be listed \(7 PERMISSION_DENIED/);
  const listSearchAttributes = operatorService.listSearchAttributes.bind(operatorService);
  const readOnly = { operatorService: { listSearchAttributes, addSearchAttributes: refuse } } as never;
  await expect(checkSearchAttributes(readOnly, namespace)).rejects.toThrow(
    `run: temporal operator search-attribute create -n ${namespace} --name RolloutPlan --type Keyword --name RolloutTarget`,
  );
});
