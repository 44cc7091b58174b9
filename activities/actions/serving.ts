import { waitUntil } from '../../adapters/application/action-check';
import { finding, type Finding } from '../../contract/run/findings';
import type { Plan } from '../../contract/plan/plan';
import type { Environment } from '../environment/environment';
import { secretsOf } from './perform-action';
import { readHealth, type Health } from '../environment/read-health';

/**
 * Which release serves. The health answer names it; where the settings have none, the check of the deploy action is asked
 * for each release in question. A check that holds for a release which nobody has made holds for every one, and tells
 * nothing.
 */

/** One look at a check; what hangs longer does not hold. */
const lookMs = 10_000;

const noSuchRelease = 'rubicon-no-such-release';

/** Asks once. Never throws for an application that is down; only a cancel is thrown. */
export async function readServing(
  environment: Environment,
  releases: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Health> {
  const { application, copy } = environment;
  if (copy !== undefined) return { healthy: true, release: copy.serves, found: `a copy, for release "${copy.serves}"` };
  if (application.health !== undefined) return readHealth(application, application.health, signal);
  const told: string[] = [];
  const held: string[] = [];
  for (const release of [noSuchRelease, ...releases]) {
    const { holds, found } = await askCheck(environment, release, signal);
    if (holds) held.push(release);
    else if (release !== noSuchRelease) told.push(`not "${release}" (${found})`);
  }
  const [release, another] = held;
  if (release === undefined) return { healthy: false, found: `the check of the deploy action: ${told.join(', ')}` };
  if (another !== undefined || release === noSuchRelease)
    return { healthy: true, found: `a check of the deploy action that holds for any release` };
  return { healthy: true, release, found: `release "${release}", by the check of the deploy action` };
}

async function askCheck(
  environment: Environment,
  release: string,
  signal: AbortSignal,
): Promise<{ holds: boolean; found: string }> {
  const check = environment.application.actions.deploy?.check;
  if (check === undefined) return { holds: false, found: 'neither "health" nor such a check in the settings' };
  const how = { parameters: { release }, limitMs: lookMs, everyMs: lookMs, signal, secrets: secretsOf(environment) };
  const { kind, last } = await waitUntil(check, how);
  return { holds: kind === 'held', found: last };
}

/** The release that serves, as far as anything tells. `release`: the plan's, of which it should be one. */
export const servingRelease = async (
  environment: Environment,
  release: Plan['release'] | undefined,
  signal?: AbortSignal,
): Promise<string | undefined> =>
  (await readServing(environment, release === undefined ? [] : [release.from, release.to], signal)).release;

/** Whether the application is healthy and, where one is expected, serves exactly that release. */
export async function checkServing(
  environment: Environment,
  signal: AbortSignal,
  expected?: { release: Plan['release']; serves: 'from' | 'to' },
): Promise<Finding> {
  const { health } = environment.application;
  if (expected === undefined && health === undefined) return notCovered;
  const release = expected?.release[expected.serves];
  const releases = expected === undefined ? [] : [expected.release.from, expected.release.to];
  const seen = await readServing(environment, releases, signal);
  return finding('health', seen.healthy && (release === undefined || seen.release === release), {
    expected: release === undefined ? 'a healthy answer' : `a healthy answer that names release "${release}"`,
    found: seen.found,
    remedy: !seen.healthy
      ? 'find out why the application is not healthy'
      : seen.release !== undefined
        ? 'deploy the expected release, or correct the plan'
        : health === undefined
          ? 'let the check of the deploy action look at "$release" (RUBICON_RELEASE), or name "health" in the settings'
          : 'name the field of the health answer that holds the release in the settings (application.health.release)',
  });
}

const notCovered: Finding = {
  check: 'health',
  status: 'not covered',
  expected: 'a health answer',
  found: 'none in the settings',
  remedy: 'name "health" of the application, if it has such an answer',
};
