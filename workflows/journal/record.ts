import { workflowInfo } from '@temporalio/workflow';
import { changeKindOf } from '../../contract/run/change';
import type { Run } from '../../contract/run/decisions';
import type { Facts } from '../../contract/run/facts';
import type { RollbackOrder, RolloutOrder } from '../../contract/run/inputs';
import { runLink } from '../../report/temporal-ui/run-link';
import type { Loaded } from '../../contract/activities/loaded';
import { nameOfRemoval, traitsOf } from '../../contract/plan/removals';

/** What a run knows of itself before its plan is read. */
export function firstFacts(kind: Facts['kind'], order: RolloutOrder | RollbackOrder): Facts {
  const { runId } = workflowInfo();
  return {
    kind,
    run: thisRun(order.target ?? ''),
    runId,
    order,
    requesters: [order.requestedBy],
    startedAt: new Date().toISOString(),
    phase: kind === 'rollout' ? 'preflight' : 'production',
    pastTheDrop: false,
    steps: [],
    environments: { staging: {}, production: {} },
    gates: [],
    votes: [],
    decisions: [],
    messages: [],
    notCovered: [],
    warnings: [],
  };
}

/** This execution; `firstRun` stays the same over a reset, so decisions and state rows stay bound to it. */
export function thisRun(target: string): Run {
  const { workflowId, runId, firstExecutionRunId } = workflowInfo();
  return { target, workflowId, firstRun: firstExecutionRunId || runId };
}

/** Takes over what plan, settings and start event said. */
export function rememberLoaded(facts: Facts, loaded: Loaded): void {
  const { plan, planDigest, target, requesters, durationsOverridden, covered, temporalUi } = loaded;
  facts.run.target = target;
  facts.requesters = requesters;
  facts.plan = {
    name: plan.name,
    does: plan.does,
    digest: planDigest,
    removes: plan.removes.map(nameOfRemoval),
    ...changeKindOf(plan),
    ...(plan.restore !== undefined && { restore: plan.restore }),
    durationsOverridden,
  };
  facts.notCovered = notCovered(plan, covered);
  if (temporalUi !== undefined) facts.link = runLink(temporalUi, { ...facts.run, runId: facts.runId });
}

function notCovered(plan: Loaded['plan'], covered: Loaded['covered']): string[] {
  const missing: string[] = [];
  if (plan.restore === 'none')
    missing.push('freeze, backup and final copy: the plan removes what no database holds (restore: none)');
  else if (!traitsOf(plan).hasValues)
    missing.push('freeze, backup and final copy: the plan removes definitions alone, which are kept');
  if (plan.revision === undefined) missing.push('revision: the plan names none, so no migration tool is checked');
  if (plan.cache === undefined) missing.push('cache: the plan names none, so nothing is flushed');
  if (plan.loadTest === undefined) missing.push('load test: the plan has none');
  if (plan.log === undefined) missing.push('log: the plan does not say how to read it');
  for (const [name, has] of Object.entries(covered)) {
    if (plan.cache !== undefined && !has.redis) missing.push(`${name}: the settings name no Redis`);
    if (!has.maintenance) missing.push(`${name}: the settings have no maintenance action, so it runs without`);
    if (!has.deploy) missing.push(`${name}: the settings have no deploy action; the release must already serve`);
    if (plan.log !== undefined && !has.log) missing.push(`${name}: the settings name no log`);
  }
  return missing;
}
