import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '../../../worker/temporal/connect';
import { createNamespace } from '../../support/servers/servers';

test('connects where the environment says', async () => {
  const { address, namespace } = await createNamespace();
  const connected = await connect({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
  expect(connected).toMatchObject({ address, namespace });
  await connected.connection.close();
});

test('a Temporal that is not there is told with the way out', async () => {
  await expect(connect({ TEMPORAL_ADDRESS: '127.0.0.1:1' })).rejects.toThrow(
    'expected Temporal at 127.0.0.1:1, found: Connection refused; start it, or set TEMPORAL_ADDRESS to where it is',
  );
});

test('a namespace that is not there is told with the way out', async () => {
  const { address } = await createNamespace();
  const namespace = `none-${randomUUID()}`;
  await expect(connect({ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace })).rejects.toThrow(
    new RegExp(
      `^expected namespace "${namespace}" at ${address}, found: .*; create it \\("temporal operator namespace create -n ${namespace}"\\)`,
    ),
  );
});

test('a configuration file with a fault is told without what stands in it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rubicon-connect-'));
  const file = join(folder, 'temporal.toml');
  writeFileSync(file, '[profile.default]\napi_key = "S3CRET-key\n');
  const failure = await connect({ TEMPORAL_CONFIG_FILE: file }).catch((error: Error) => error.message);
  expect(failure).toContain("expected Temporal's connection in the environment or its configuration file");
  expect(failure).not.toContain('S3CRET');
  rmSync(folder, { recursive: true });
});
