import { join } from 'node:path';
import type { RollbackEvidence } from '../../../contract/run/gate-evidence';
import * as announcements from '../../../report/run/announcements';
import * as endings from '../../../report/run/endings';
import { expectGolden } from '../../support/looks/golden';
import { readingNames, readReading } from '../../support/workflows/readings';

const at = '2026-11-25T09:20:00.000Z';
const later = '2026-11-25T09:50:00.000Z';
const rollout = 'agent-api/drop-plaintext-api-keys/2026-11';
const change = { plan: 'drop-plaintext-api-keys', target: 'agent-api', at };
const observed = { data: 'hidden', row: 'open', freeze: 'a' } as const;

/** Of real rollbacks, with each loss. */
const rollbacks = readingNames().flatMap((name): [string, RollbackEvidence][] => {
  const { evidence } = readReading(name);
  return evidence.about === 'rollback' ? [[name, evidence]] : [];
});

test('why a run ended: in what state everything is, and what to do', () => {
  const lines = [
    endings.preflightPassed,
    endings.stagingCarriesIt,
    endings.doneBecause(['export_jobs'], 'agent-api'),
    endings.doneBecause(['sessions.owner_api_key', 'assistants.owner_api_key'], 'agent-api'),
    endings.expiredBecause('production', [{ role: 'approver', count: 1 }], at),
    endings.rejectedBecause('production', 'ben', 'a client still reads the old column until Friday'),
    endings.rejectedBecause('production', 'claimed', 'no'),
    endings.endsTooEarly(at, at, later),
    endings.undoneBecause(['columns renamed back', 'write triggers dropped']),
    endings.nothingToRollBack(observed),
    endings.askedToAbort(observed, rollout),
    endings.yieldedTo(`${rollout}/rollback`),
    endings.rollbackNotLoaded('expected a proven backup, found none'),
    ...rollbacks.map(
      ([name, { change: of, found }]) => `${name}:\n  ${endings.rolledBackBecause({ ...change, change: of, found })}`,
    ),
  ];
  expectGolden(join(__dirname, 'endings.golden.txt'), `${lines.join('\n')}\n`);
});

test('what is told in the thread of a run', () => {
  const lines = [
    announcements.approvedLine('production', ['anna', 'ben']),
    announcements.heldLine('incident in another service'),
    announcements.rollbackOrderedLine('clients report 401', `${rollout}/rollback`),
    announcements.lossChangedLine,
    announcements.askedAgainLine('hand-out', 86_400_000),
    announcements.changeAheadLine({ ...change, maintenanceMs: 300_000 }),
    announcements.changeAheadLine({ ...change, maintenanceMs: undefined }),
    announcements.changeAtLine(change),
    announcements.undoneLine('production', ['columns renamed back']),
    announcements.soakRestartsLine(['server errors: expected at most 0.01 share, found 0.31']),
    announcements.endedLine('drop-plaintext-api-keys', 'rejected', 'not today'),
    ...rollbacks.map(
      ([name, { change: of, found }]) => `${name}:\n  ${announcements.rollingBackLine(change.plan, of, found)}`,
    ),
  ];
  expectGolden(join(__dirname, 'announcements.golden.txt'), `${lines.join('\n')}\n`);
});
