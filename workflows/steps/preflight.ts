import { ActivityFailure } from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import { doubts, finding, isSameDoubt } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { Facts } from '../../contract/run/facts';
import { environments as environmentNames } from '../../contract/run/names';
import type { EnvironmentName } from '../../contract/run/names';
import { traitsOf } from '../../contract/plan/removals';
import type { Loaded } from '../../contract/activities/loaded';
import type { Definitions, ServerCheck } from '../../contract/run/observed-state';
import { control, environment } from '../journal/activities';
import type { Journal } from '../journal/journal';
import { rehearsedNote } from '../../report/run/rehearsed-note';
import { failureLine, noWorkerCame } from '../journal/stop';
import { stateQuery } from '../evidence/state-query';

/** What preflight found in one environment. */
export interface Preflight {
  findings: Finding[];
  /** The plan's change is here already, recorded by an earlier rollout of ours. */
  carriesChange: boolean;
  /** Of what goes; undefined: it is not there, or not known. */
  definitions?: Definitions;
}

/** Looks at everything, touches nothing. A look that fails is unknown, and unknown stops like a failed one. */
export async function preflight(journal: Journal, loaded: Loaded, name: EnvironmentName): Promise<Preflight> {
  const { plan, planDigest, target } = loaded;
  const at = environment(name);
  const server = await answered<ServerCheck>(
    'server',
    at.checkServer({
      target,
      planDigest,
      longTransaction: plan.durations.longTransaction,
      run: journal.facts.run,
    }),
    (findings) => ({ findings, carriesChange: false }),
  );
  const carriesChange = server.carriesChange;
  const facts = journal.facts.environments[name];
  if (server.identity !== undefined) facts.identity = server.identity;
  const serves = carriesChange || (await newReleaseServes(journal, loaded, name)) ? 'to' : 'from';

  const looks = [
    answered('structure', at.checkStructure({ target, planDigest, dropped: carriesChange })),
    answered('queries', at.checkQueries({ target, planDigest })),
    answered('cache', at.checkCache({ target, planDigest })),
    answered('log', at.checkLog({ target, planDigest })),
    answered('application', at.checkApplication({ target, planDigest, serves })),
    answered('client tools', at.checkTools({ target, planDigest })),
  ];
  let definitions: Definitions | undefined;
  const define = async (): Promise<Finding[]> => {
    definitions = await at.captureDefinitions({ target, planDigest });
    return [];
  };
  const { isInDatabase, hasValues } = traitsOf(plan);
  if (!carriesChange && hasValues)
    looks.push(classify(journal, loaded, { of: name, newReleaseServes: serves === 'to' }));
  if (!carriesChange && isInDatabase) {
    looks.push(rehearseOnCopy(journal, loaded, name));
    looks.push(answered('definitions', define()));
  }
  const found = await Promise.all(looks);
  const findings = named(name, [...server.findings, ...found.flat()]);
  return { findings, carriesChange, ...(definitions && { definitions }) };
}

/** Whether people will be told. Settings without any channel are not looked at. */
export async function checkChannels({ checksChannels }: Loaded): Promise<Pick<Preflight, 'findings'>> {
  if (checksChannels !== true) return { findings: [] };
  return { findings: await answered('channels', control.checkChannels({})) };
}

/** One line for whoever reads the steps, approvers first of all. */
export function preflightNote(
  looks: readonly Pick<Preflight, 'findings'>[],
  { environments, answered = [] }: Facts,
): string {
  const found = looks.flatMap(({ findings }) => findings);
  const possible = doubts(found);
  const open = possible.filter((doubt) => !answered.some(({ finding: one }) => isSameDoubt(one, doubt)));
  const asked = open.length === 0 ? '' : `; ${open.length} that a rollout asks a person about`;
  const known = possible.length === open.length ? '' : `; ${possible.length - open.length} accepted by a person`;
  const rehearsed = environmentNames.flatMap((name) => {
    const { rehearsal } = environments[name];
    return rehearsal === undefined ? [] : [`${name}, ${rehearsedNote(rehearsal)}`];
  });
  const told = rehearsed.length === 0 ? '' : `; change and rollback on copies: ${rehearsed.join('; ')}`;
  return `${found.length} checks, none blocking${asked}${known}${told}`;
}

/** What can have changed since, during a soak and an approval: looked at once more before anybody is refused a write. */
export async function recheck(
  journal: Journal,
  { plan, planDigest, target }: Loaded,
  name: EnvironmentName,
): Promise<Finding[]> {
  const at = environment(name);
  const look = { target, planDigest, longTransaction: plan.durations.longTransaction, run: journal.facts.run };
  const before = name === 'production' ? journal.facts.baseline?.queries : undefined;
  const timed = (): Promise<Finding[]> => at.checkQueries({ target, planDigest, ...(before && { baseline: before }) });
  const [server, structure, queries] = await Promise.all([
    answered(
      'server',
      at.checkServer(look).then(({ findings }) => findings),
    ),
    answered('structure', at.checkStructure({ target, planDigest, dropped: false })),
    plan.queries.length === 0 ? [] : answered('queries', timed()),
  ]);
  return named(name, [...server, ...structure, ...queries]);
}

/** Of one environment: what somebody has accepted in staging is not accepted in production. */
const named = (name: EnvironmentName, findings: readonly Finding[]): Finding[] =>
  findings.map((each) => ({ ...each, check: `${name}: ${each.check}` }));

/**
 * An earlier rollout may have ended after the release was changed: that one works with and without the columns, so it
 * is no obstacle, and rows with a hash and no key are expected. Who can't say is asked as the old release, and fails.
 */
async function newReleaseServes(journal: Journal, loaded: Loaded, name: EnvironmentName): Promise<boolean> {
  try {
    const { release } = await environment(name).observeState(stateQuery(loaded, journal.facts.run));
    return release === loaded.plan.release.to;
  } catch (error) {
    if (isCancellation(error) || noWorkerCame(error) || !(error instanceof ActivityFailure)) throw error;
    return false;
  }
}

/** Classes of rows, kept for the approvers. */
export async function classify(
  journal: Journal,
  { planDigest, target }: Loaded,
  { of: name, newReleaseServes }: { of: EnvironmentName; newReleaseServes: boolean },
): Promise<Finding[]> {
  return answered(
    'rows',
    environment(name)
      .classifyRows({ target, planDigest, newReleaseServes })
      .then(({ findings, rows }) => {
        journal.facts.environments[name].rows = rows;
        return findings;
      }),
  );
}

/** There and back on a throw-away copy of this environment, kept for the approvers. */
async function rehearseOnCopy(journal: Journal, loaded: Loaded, name: EnvironmentName): Promise<Finding[]> {
  const { planDigest } = loaded;
  return answered(
    'rehearsal on the copy',
    environment(name)
      .rehearseOnCopy({ run: journal.facts.run, planDigest })
      .then(({ findings, rehearsal }) => {
        if (rehearsal !== undefined) journal.facts.environments[name].rehearsal = rehearsal;
        return findings;
      }),
  );
}

/** The answer, or the finding that there was none. */
function answered(what: string, looking: Promise<Finding[]>): Promise<Finding[]>;
function answered<T>(what: string, looking: Promise<T>, otherwise: (findings: Finding[]) => T): Promise<T>;
async function answered<T>(what: string, looking: Promise<T>, otherwise?: (findings: Finding[]) => T): Promise<T> {
  try {
    return await looking;
  } catch (error) {
    if (isCancellation(error) || noWorkerCame(error) || !(error instanceof ActivityFailure)) throw error;
    const unknown = finding(what, 'unknown', {
      expected: 'an answer',
      found: failureLine(error),
      remedy: 'fix what it says, then start the rollout again',
    });
    return otherwise?.([unknown]) ?? ([unknown] as T);
  }
}
