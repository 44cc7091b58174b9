import { ActivityFailure } from '@temporalio/common';
import { sleep } from '@temporalio/workflow';
import { readableDuration } from '../../contract/text/duration';
import { readableInstant } from '../../contract/text/instant';
import { environments } from '../../contract/run/names';
import type { EnvironmentName } from '../../contract/run/names';
import { counted } from '../../contract/text/plain-text';
import type { AftercareInput, AftercareSeen } from '../../contract/activities/aftercare';
import type { Destruction } from '../../contract/run/receipts';
import type { EventData } from '../../contract/run/run-event';
import { control, environment } from '../journal/activities';
import { thisRun } from '../journal/record';
import { failureLine } from '../journal/stop';

const aMinute = 60_000;
const anHour = 60 * aMinute;
const aWeek = 7 * 24 * anHour;

/**
 * Waits for the date, and destroys backups and final copies of each environment, as long as it takes: what can't be done
 * is said, and tried again.
 */
export async function destroyBackups(
  input: AftercareInput,
  seen: AftercareSeen,
  tell: (key: string, text: string, data: EventData<'backups.due'>) => Promise<void>,
): Promise<void> {
  const { destroyAt, planName, left } = input;
  let pending = environments.filter((name) => left[name] !== undefined);
  const waitMs = Date.parse(destroyAt) - Date.now();
  if (waitMs > 0 && pending.length > 0) {
    await sleep(waitMs, { summary: `backups of ${planName} are kept until ${readableInstant(destroyAt)}` });
  }
  for (let tries = 1; pending.length > 0; tries += 1) {
    const answers = await attempt(input, pending, tries);
    for (const { name, answer } of answers) {
      seen.destructions[name] = answer;
      const line = lineOf(planName, name, answer);
      const data = { environment: name, destroyed: answer.destroyed };
      if (line !== undefined) await tell(`backups-${name}-${tries}`, line, data);
    }
    const kept = answers.flatMap(({ answer }) => (answer.destroyed ? [] : [answer]));
    pending = answers.filter(({ answer }) => !answer.destroyed).map(({ name }) => name);
    const againInMs = Math.min(...kept.map((answer) => answer.againInMs));
    const summary = `not destroyed yet: ${kept.map(({ because }) => because).join(' | ')}`;
    if (pending.length > 0) await sleep(againInMs, { summary: summary.slice(0, 190) });
  }
}

interface Answered {
  name: EnvironmentName;
  answer: Destruction;
}

/** Holds the target meanwhile, so that no rollback loses its backup under its hands. */
async function attempt(input: AftercareInput, names: readonly EnvironmentName[], tries: number): Promise<Answered[]> {
  const holder = thisRun(input.run.target);
  try {
    await control.acquireTarget({ run: holder });
  } catch (error) {
    return names.map((name) => ({ name, answer: failed(error, tries) }));
  }
  const answers: Answered[] = [];
  for (const name of names) answers.push({ name, answer: await destroyIn(input, name, tries) });
  // A lock whose holder has ended holds nobody up.
  await control.releaseTarget({ run: holder }).catch(() => undefined);
  return answers;
}

async function destroyIn(
  { run, destroyAt, left }: AftercareInput,
  name: EnvironmentName,
  tries: number,
): Promise<Destruction> {
  const askedBy = `${readableInstant(destroyAt)}, by ${thisRun(run.target).workflowId}`;
  try {
    const answer = await environment(name).destroyBackups({ run, askedBy, ...left[name] });
    return answer.destroyed ? answer : { ...answer, againInMs: Math.min(aWeek, Math.max(1_000, answer.againInMs)) };
  } catch (error) {
    return failed(error, tries);
  }
}

/** Tried again after twice the time: the date is kept by minutes where it can be, and nobody is told a thousand times. */
function failed(error: unknown, tries: number): Destruction {
  if (!(error instanceof ActivityFailure)) throw error;
  return { destroyed: false, because: failureLine(error), againInMs: Math.min(aWeek, aMinute * 2 ** tries) };
}

/** A difference between two clocks is nobody's concern, so what is tried again soon is not told. */
function lineOf(planName: string, name: EnvironmentName, answer: Destruction): string | undefined {
  if (answer.destroyed) return destroyedLine(planName, name, answer);
  if (answer.againInMs < anHour) return undefined;
  const again = readableDuration(answer.againInMs);
  return `Backups of ${planName} in ${name} are not destroyed yet: ${answer.because}; next try in ${again}`;
}

function destroyedLine(
  planName: string,
  name: EnvironmentName,
  { files, missing, record }: Extract<Destruction, { destroyed: true }>,
): string {
  const gone = `Backups of ${planName} in ${name} were destroyed: ${counted(files, 'file')}, the identity first`;
  const absent = missing.length === 0 ? '' : `; ⚠ not there, and perhaps somewhere else: ${missing.join(', ')}`;
  return `${gone}; recorded in ${record} of the backup folder${absent}`;
}
