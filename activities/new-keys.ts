import { finding } from '../contract/findings';
import type { Finding } from '../contract/findings';
import { removalsOf } from '../contract/plan';
import { newKeyLength } from '../sql/new-keys';
import { replacementFrom } from '../sql/proof';
import type { DroppedRecord } from './dropped-record';
import type { Person } from './policy';
import type { Electorate } from './voters';

/** Whether new keys can be drawn, and somebody is there to receive them. */
export function checkNewKeys(electorate: Electorate | undefined, { plan, captured }: DroppedRecord): Finding[] {
  const derived = plan.proof === undefined ? undefined : replacementFrom(plan.proof, 'key');
  const short = captured.filter(({ type }) => Number(/\((\d+)\)$/.exec(type)?.[1] ?? newKeyLength) < newKeyLength);
  const names = removalsOf(plan).map(({ table, column }) => `${table}.${column}`);
  const custodians = electorate === undefined ? [] : custodiansOf(electorate);
  return [
    finding('hash of a new key', derived !== undefined, {
      expected: 'a proof that says how the replacement follows from the removed value',
      found: plan.proof ?? 'none',
      remedy: 'bring copy or backup back: no new keys can be made for this plan',
    }),
    finding('room for a new key', short.length === 0, {
      expected: `${names.join(', ')} with ${newKeyLength} characters or more`,
      found: short.map(({ table, column, type }) => `${table}.${column} ${type}`).join(', ') || 'room',
      remedy: 'bring copy or backup back: new keys are too long for these columns',
    }),
    finding('custodians', custodians.length > 0, {
      expected:
        'copy or backup; or somebody who receives new keys: a person with the custodian\'s role, a Slack id and a "recipient"',
      found: custodians.map(({ name }) => name).join(', ') || 'neither',
      remedy:
        "bring the settings' backup folder back as it was (every file is needed); only if that is impossible, name a custodian in the settings of the production worker",
    }),
  ];
}

/** Those whom something can be sealed for. */
export const custodiansOf = ({ people, policy }: Pick<Electorate, 'people' | 'policy'>): Person[] =>
  people.filter(
    ({ roles, recipient, slackId }) =>
      roles.includes(policy.custodian) && recipient !== undefined && slackId !== undefined,
  );
