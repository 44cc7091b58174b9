import { join } from 'node:path';
import { digestOf } from '../../../contract/text/digest';
import { parseBlocks } from '../../../dev/local-slack/blocks';
import { currentDetails } from '../../../report/temporal-ui/current-details';
import { slackGate } from '../../../report/slack/slack-gate';
import { slackReminder } from '../../../report/slack/slack-reminder';
import { missingByRole } from '../../../contract/run/decisions';
import { usedCode } from '../../support/looks/facts';
import { expectGolden } from '../../support/looks/golden';
import { readableSlack } from '../../support/looks/readable-slack';
import { readingNames, readReading, readingsFolder, type Reading } from '../../support/workflows/readings';

/**
 * The whole text that people decide on, from facts of real gates: `test/kill/kinds/what-approvers-read.test.ts` keeps them, and of
 * whole runs `test/workflows/{there-and-back,ways-to-stop}.test.ts`, with `RUBICON_RECORD_READINGS=1`.
 */
const golden = (name: string, where: string): string => join(readingsFolder, `${name}.${where}.golden.txt`);

test('there is a gate of each kind, for the drop and for each loss of a rollback', () => {
  const columns = ['by-replacement', 'by-row', 'by-cast'].map((how) => `columns-${how}`);
  const kept = readingNames();
  expect(kept).toEqual(
    expect.arrayContaining([
      ...[...columns, 'tables', 'rows', 'partitions', 'indexes', 'external'].map((kind) => `production-${kind}`),
      ...[...columns, 'tables', 'rows', 'partitions', 'indexes'].map((kind) => `rollback-${kind}-no-loss`),
      ...['columns-by-replacement', 'columns-by-cast'].map((kind) => `rollback-${kind}-some-loss`),
      ...['columns-by-row', 'tables', 'rows', 'partitions'].map((kind) => `rollback-${kind}-backup-alone`),
      'rollback-columns-by-replacement-new-keys',
      'rollback-columns-by-replacement-hidden',
      ...['question-preflight', 'new-keys-sealed', 'new-keys-handed-over'],
      ...['run-production', 'run-production-accepted', 'run-rollback'],
    ]),
  );
});

describe.each(readingNames())('%s', (name) => {
  const reading = readReading(name);

  test('what a person reads in Slack', () => {
    const message = slackMessage(reading);
    expectGolden(golden(name, 'slack'), readableSlack(message));
    expect(parseBlocks(JSON.stringify(message.blocks))).toHaveProperty('blocks');
  });

  test('what a person reads in Temporal UI', () => {
    const { facts, gate } = reading;
    const details = currentDetails(facts, gate.openedAt);
    expectGolden(golden(name, 'temporal-ui'), details);
    expect(Buffer.byteLength(details)).toBeLessThan(20_000);
  });

  test('its code is bound to what was read', () => {
    expect(reading.gate.evidenceDigest).toBe(digestOf(reading.evidence));
  });
});

test('a reminder of each purpose', () => {
  const reminders = ['production-tables', 'rollback-tables-backup-alone', 'new-keys-handed-over'].map((name) => {
    const { gate } = readReading(name);
    return readableSlack(slackReminder({ gate, missing: missingByRole(gate.needs, []), link: undefined }));
  });
  expectGolden(join(__dirname, 'slack-reminders.golden.txt'), reminders.join('\n---\n\n'));
});

const slackMessage = ({ gate, evidence, plan }: Reading) =>
  slackGate({
    ...{ gate, evidence, plan },
    ...(gate.purpose === 'receive'
      ? { sealed: { file: '/var/lib/rubicon/backups/new-keys/1/carla.age', sha256: 'c0ffee' } }
      : { code: usedCode, rejection: 'N0TA-V0TE-0N1Y-AN0X' }),
  });
