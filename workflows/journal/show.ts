import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { Facts } from '../../contract/run/facts';
import { currentDetails } from '../../report/temporal-ui/current-details';
import { why } from '../../report/run/why';

const keys = {
  RolloutPlan: defineSearchAttributeKey('RolloutPlan', SearchAttributeType.KEYWORD),
  RolloutTarget: defineSearchAttributeKey('RolloutTarget', SearchAttributeType.KEYWORD),
  RolloutPhase: defineSearchAttributeKey('RolloutPhase', SearchAttributeType.KEYWORD),
  RolloutWaitingFor: defineSearchAttributeKey('RolloutWaitingFor', SearchAttributeType.KEYWORD),
  RolloutOutcome: defineSearchAttributeKey('RolloutOutcome', SearchAttributeType.KEYWORD),
};
type Name = keyof typeof keys;

/**
 * Makes Temporal UI say what the facts say. Details cost nothing; search attributes and memo are events, so only what
 * has changed is written.
 */
export function showEverywhere(facts: Facts): void {
  setCurrentDetails(currentDetails(facts, new Date().toISOString()));
  const wanted: Record<Name, string> = {
    RolloutPlan: facts.plan?.name ?? ('plan' in facts.order ? (facts.order.plan ?? '') : ''),
    RolloutTarget: facts.run.target,
    RolloutPhase: facts.phase,
    RolloutWaitingFor: facts.question === undefined ? (facts.waiting?.for ?? 'nothing') : 'answer',
    RolloutOutcome: facts.endedAt === undefined ? '' : (facts.outcome ?? ''),
  };
  const shown = workflowInfo().typedSearchAttributes;
  const changed = (Object.keys(keys) as Name[]).filter((name) => (shown.get(keys[name]) ?? '') !== wanted[name]);
  if (changed.length === 0) return;
  upsertSearchAttributes(changed.map((name) => ({ key: keys[name], value: wanted[name] || null })));
  // Also the last words: they are read when no worker answers any more.
  if (changed.includes('RolloutWaitingFor') || changed.includes('RolloutOutcome')) upsertMemo({ why: why(facts) });
}
