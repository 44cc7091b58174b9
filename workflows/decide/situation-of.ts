import { changeKindOf } from '../../contract/run/change';
import type { Facts } from '../../contract/run/facts';
import type { Choice } from '../../contract/run/messages';
import { environments as environmentNames } from '../../contract/run/names';
import type { Situation } from '../../contract/run/situation';
import type { Question } from '../../contract/run/waiting';
import { choiceText, situationText } from '../../report/run/question-text';
import type { Journal } from '../journal/journal';
import type { StepProblem } from '../journal/step';

/** What is asked, in words; `facts` say where everything stands. */
export function questionOf(facts: Facts, { step, because }: StepProblem, situation: Situation): Question {
  const { hide, freeze } = facts.environments.production;
  const undo = ['frozen', 'hidden'].includes(situation.data) ? (hide ?? freeze)?.undo : undefined;
  return {
    ...{ step, because },
    choices: situation.choices.map((choice) => ({
      choice,
      does: choiceText(choice),
      needsCode: choice === 'accept',
    })),
    ...situationText(situation),
    ...(facts.kind === 'rollout' && undo !== undefined && { undo }),
    askedAt: new Date().toISOString(),
  };
}

/** Where a run stands, for whoever has to answer. */
export function situationOf({ facts, loaded }: Journal, { acceptable, doubts }: StepProblem): Situation {
  const { kind, run, pastTheDrop, environments, plan, rollback } = facts;
  return {
    ...{ kind, pastTheDrop, target: run.target, data: dataOf(facts) },
    maintenance: environmentNames.filter((name) => environments[name].maintenance !== undefined),
    ...(plan?.restore !== undefined && { restore: plan.restore }),
    ...(rollback && loaded && { lost: { loss: rollback.loss, change: changeKindOf(loaded.plan) } }),
    hasDoubts: acceptable && doubts.length > 0,
    choices: choicesOf(facts, acceptable),
  };
}

function dataOf({ kind, pastTheDrop, environments, rollback }: Facts): Situation['data'] {
  if (kind === 'rollback') return pastTheDrop ? 'being restored' : (rollback?.observed.data ?? 'unknown');
  const { hide, freeze, beingDropped } = environments.production;
  if (pastTheDrop) return 'dropped';
  if (beingDropped === true) return 'being dropped';
  if (hide !== undefined) return 'hidden';
  return freeze === undefined ? 'present' : 'frozen';
}

function choicesOf({ kind, pastTheDrop, environments, plan }: Facts, acceptable: boolean): Choice[] {
  const isRollback = kind === 'rollback';
  const isDecided = environments.production.beingDropped === true && !isRollback;
  const canAbort = !pastTheDrop && !isDecided;
  const canRollBack = !canAbort && !isRollback && plan?.restore !== 'none';
  return [
    'retry',
    ...(acceptable ? ['accept' as const] : []),
    ...(canAbort ? ['abort' as const] : []),
    ...(canRollBack ? ['rollback' as const] : []),
  ];
}
