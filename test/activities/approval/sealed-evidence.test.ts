import { judgeEvidence } from '../../../activities/approval/sealed-evidence';
import { newSealPair, type SealKeys } from '../../../activities/environment/seal-keys';
import { sealOf } from '../../../activities/seals/sealed';
import type { GateEvidence, RolloutEvidence } from '../../../contract/run/gate-evidence';
import type { Receipt } from '../../../contract/run/seal';
import type { Role } from '../../../contract/run/names';
import { gateText } from '../../../report/gates/gate-text';
import { keysEvidence } from '../../support/looks/evidence';
import { firstPlan, newRun } from '../../support/stages/sample-environment';

// A workflow says what it likes; production's worker says which of it workers have sealed.

const pairs = { staging: newSealPair(), production: newSealPair() };
const known = { staging: [pairs.staging.public], production: [pairs.production.public] };
const keysOf = (role: 'staging' | 'production'): SealKeys => ({ role, private: pairs[role].private, public: known });
const run = newRun();
const { plan } = firstPlan();

const walked = { extent: 'sample', passed: true, rows: 180, lacks: [], notCovered: [] } as const;
const copy = { ...walked, lacks: [], notCovered: [], more: 'that nobody is shown' };
const load = [{ check: 'load test: p95', status: 'passed', expected: '1', found: '2 ms' }];
const evidence: RolloutEvidence = {
  ...keysEvidence,
  change: {
    ...keysEvidence.change,
    removes: [
      { name: 'sessions.owner_api_key', replacedBy: 'owner_api_key_hash', rows: { total: 400, removed: 390 } },
      { name: 'assistants.owner_api_key', replacedBy: 'owner_api_key_hash', rows: { total: 300, removed: 200 } },
    ],
  },
  proof: {
    ...keysEvidence.proof,
    copies: { staging: { ...walked, lacks: [], notCovered: [] } },
    staging: {
      backup: { rows: 700, tables: 9 },
      loadTest: [{ check: 'load test: p95', status: 'passed', found: '2 ms' }],
      soak: { neededMs: 1, samples: 8, restarts: 0, accepted: [] },
    },
  },
};
const none = { mismatch: 0, valueWithoutReplacement: 0, replacementWithoutValue: 0, public: 0 };
const counted = (table: string, total: number, match: number) => ({
  table,
  column: 'owner_api_key',
  total,
  match,
  ...none,
});
const answers: [Role & ('staging' | 'production'), string, unknown][] = [
  [
    'production',
    'classifyRows',
    { rows: [counted('sessions', 400, 390), counted('assistants', 300, 200)], findings: [] },
  ],
  ['staging', 'rehearseOnCopy', { findings: [], rehearsal: copy }],
  ['staging', 'proveBackup', { id: 'b', rowCount: 700, tables: 9 }],
  ['staging', 'loadTest', load],
  ['staging', 'watch', {}],
];
const receipts = (of = run, change: (result: unknown) => unknown = (result) => result): Receipt[] =>
  answers.map(([role, step, result]) => ({
    result: change(result),
    seal: sealOf(
      keysOf(role),
      { run: of, step, result, ...(step === 'watch' && { watched: { samples: 8, healthy: 8 } }) },
      undefined,
    ),
  }));
const judge = (given: Receipt[] | undefined, shown: GateEvidence = evidence) =>
  judgeEvidence({ public: known }, { run, plan, receipts: given }, shown);
const all = ['rows', 'staging copy', 'staging backup', 'load test', 'soak'];

test('what workers have sealed is sealed, and nothing is that has no receipt', () => {
  expect(judge(receipts())).toEqual({ sealed: all, claimed: [] });
  expect(judge(undefined)).toEqual({ sealed: [], claimed: all });
  expect(judge([])).toEqual({ sealed: [], claimed: all });
});

test('receipts of another run, of another role, or changed on their way, seal nothing', () => {
  expect(judge(receipts(newRun()))).toEqual({ sealed: [], claimed: all });
  expect(judge(receipts(run, (result) => ({ ...(result as object), extra: 1 })))).toEqual({ sealed: [], claimed: all });
  const asStaging = answers.map(([, step, result]) => ({
    result,
    seal: { ...sealOf(keysOf('staging'), { run, step, result }, undefined), role: 'production' as const },
  }));
  expect(judge(asStaging)).toMatchObject({ sealed: [] });
  const odd = [null, 1, 'x', { result: 1 }, { result: 1, seal: {} }, { result: 1, seal: { signature: 'x' } }];
  expect(judge(odd as unknown as Receipt[])).toEqual({ sealed: [], claimed: all });
});

test.each<[string, RolloutEvidence, string]>([
  [
    'fewer rows',
    {
      ...evidence,
      change: {
        ...evidence.change,
        removes: [{ ...evidence.change.removes[0]!, rows: { total: 1, removed: 1 } }, evidence.change.removes[1]!],
      },
    },
    'rows',
  ],
  [
    'a better rehearsal',
    {
      ...evidence,
      proof: { ...evidence.proof, copies: { staging: { ...walked, rows: 1_000, lacks: [], notCovered: [] } } },
    },
    'staging copy',
  ],
  [
    'a larger backup',
    {
      ...evidence,
      proof: { ...evidence.proof, staging: { ...evidence.proof.staging, backup: { rows: 701, tables: 9 } } },
    },
    'staging backup',
  ],
  [
    'a faster load test',
    {
      ...evidence,
      proof: {
        ...evidence.proof,
        staging: {
          ...evidence.proof.staging,
          loadTest: [{ check: 'load test: p95', status: 'passed', found: '1 ms' }],
        },
      },
    },
    'load test',
  ],
  [
    'a longer soak',
    {
      ...evidence,
      proof: {
        ...evidence.proof,
        staging: { ...evidence.proof.staging, soak: { neededMs: 1, samples: 9, restarts: 0, accepted: [] } },
      },
    },
    'soak',
  ],
])('%s than was sealed is only claimed, and the approver reads it', (_, shown, claim) => {
  const seals = judge(receipts(), shown);
  expect(seals).toEqual({ sealed: all.filter((one) => one !== claim), claimed: [claim] });
  const { parts } = gateText({ purpose: 'approve', expiresAt: '2026-12-01T00:00:00.000Z' }, { ...shown, seals });
  expect(parts[1]).toMatchObject({
    title: '⚠ Claimed, not sealed',
    lines: [expect.stringContaining('only the workflow says')],
  });
  expect(parts.at(-1)).toMatchObject({ title: 'Sealed' });
});
