import { sampleRun, waitingFacts } from '../looks/facts';
import { changeKindOf } from '../../../contract/run/change';
import type { Purpose } from '../../../contract/run/decisions';
import type { Facts } from '../../../contract/run/facts';
import type { GateEvidence } from '../../../contract/run/gate-evidence';
import type { Loaded } from '../../../contract/activities/loaded';
import type { RollbackCase } from '../../../contract/run/rollback-case';
import { traits } from '../../../contract/plan/kinds';
import { nameOfRemoval } from '../../../contract/plan/removals';
import { stepLabel } from '../../../contract/run/step-names';
import { waitingForApproval } from '../../../report/run/waiting-approval';
import type { Electorate } from '../../../activities/decisions/voters';
import { newKeysEvidence, rollbackEvidence, rolloutEvidence } from '../../../workflows/decide/evidence';
import type { Reading } from '../workflows/readings';
import { decide } from './decided';
import type { Prepared } from './ready-to-drop';
import { newRun, type SampleEnvironment } from './sample-environment';

/** What activities have found, as a run remembers it, with the soak of a day that no test waits for. */
export type Found = Pick<Facts['environments'], 'staging' | 'production'>;

const link = 'https://temporal.example/namespaces/default/workflows/agent-api%2Frun/user-metadata';

const factsOf = ({ plan, planDigest }: Prepared, environments: Found): Facts => {
  const { waiting: _, ...facts } = waitingFacts();
  return {
    ...facts,
    environments,
    plan: {
      ...{ name: plan.name, does: plan.does, digest: planDigest, durationsOverridden: [] },
      removes: plan.removes.map(nameOfRemoval),
      ...changeKindOf(plan),
    },
    ...{ gates: [], votes: [], decisions: [], messages: [], link },
    notCovered: plan.revision === undefined ? ['revision: the plan names none, so no migration tool is checked'] : [],
  };
};

/** The approval of production, opened by the real activity with what was found. */
export async function askForProduction(
  { environment }: SampleEnvironment,
  prepared: Prepared,
  found: Found,
): Promise<Reading> {
  const facts = factsOf(prepared, found);
  const { plan } = prepared;
  const loaded = { plan, keepBackupsMs: 30 * 86_400_000, hasWindows: true } as Loaded;
  const evidence = rolloutEvidence(facts, loaded);
  const { gate } = await decide(environment, prepared, { name: 'production', evidence, ...aDay() });
  return readingOf(gate, evidence, { ...facts, steps: [running('production')] });
}

/** The approval of a rollback, opened likewise. */
export async function askForRollback(
  { environment }: SampleEnvironment,
  prepared: Prepared,
  found: RollbackCase,
): Promise<Reading> {
  const { plan, planDigest } = prepared;
  const facts = asRollback(factsOf(prepared, { staging: {}, production: {} }), found);
  const evidence = rollbackEvidence(facts, found, plan);
  const asked: { purpose: Purpose; needs: Record<string, number> } =
    found.loss.rows > 0
      ? { purpose: 'accept-loss', needs: { approver: 2 } }
      : { purpose: 'approve', needs: { 'on-call': 1 } };
  const run = newRun('rollback');
  const order = { name: 'rollback', voters: [], evidence, ...asked, ...aDay() };
  const { gate } = await decide(environment, { run, plan, planDigest }, order);
  return readingOf(gate, evidence, { ...facts, steps: [running('rollback')] });
}

/** The two receipts of a custodian; what is sealed is sealed by the real activity before. */
export async function askCustodian(
  { environment }: SampleEnvironment,
  prepared: Prepared,
  asked: { found: RollbackCase; newKeys?: NonNullable<Parameters<typeof decide>[2]['newKeys']>; who: Electorate },
): Promise<Reading> {
  const { plan, planDigest } = prepared;
  const { found, newKeys, who } = asked;
  const facts = asRollback(factsOf(prepared, { staging: {}, production: {} }), found);
  const isChanged = newKeys === undefined;
  const evidence = newKeysEvidence(facts, plan, { owners: found.loss.values, isChanged });
  const name = isChanged ? 'hand-over' : 'hand-out';
  const order = {
    ...{ name, evidence, voters: [], needs: { custodian: 1 }, ...aDay() },
    ...(newKeys === undefined ? { purpose: 'hand-over' as const } : { purpose: 'receive' as const, newKeys }),
  };
  const { gate } = await decide(environment, { run: newRun('rollback'), plan, planDigest }, order, who);
  return readingOf(gate, evidence, { ...facts, steps: [running(name)] });
}

const asRollback = (facts: Facts, found: RollbackCase): Facts => ({
  ...facts,
  kind: 'rollback',
  order: { rollout: sampleRun.workflowId, requestedBy: 'maria', reason: 'clients report 401' },
  phase: 'production',
  rollback: { ...found, findings: [] },
});

/** Test plans of other kinds have the name of the first one. */
const named = ({ change: { kind, removes } }: GateEvidence): Reading['plan'] => ({
  name: `remove-${traits[kind].plural}`,
  does: `Remove ${removes.map(({ name }) => name).join(', ')}.`,
});

const aDay = () => ({ expiresAt: new Date(Date.now() + 86_400_000).toISOString() });

const running = (gate: string): Facts['steps'][number] => {
  const id = { name: 'approval', gate } as const;
  return { id, name: stepLabel(id), state: 'running', startedAt: new Date().toISOString(), tries: 1, findings: [] };
};

function readingOf(gate: Reading['gate'], evidence: GateEvidence, facts: Facts): Reading {
  const { environments: _, baseline: __, soak: ___, ...shown } = facts;
  const waiting = waitingForApproval(gate, []);
  return {
    ...{ gate, evidence, plan: named(evidence) },
    facts: { ...shown, environments: { staging: {}, production: {} }, asked: evidence, gates: [gate], waiting },
  };
}
