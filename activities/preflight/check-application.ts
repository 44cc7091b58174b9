import { runAction } from '../../adapters/application/action';
import { finding, type Finding } from '../../contract/run/findings';
import { checkPlanActions } from './check-plan-actions';
import type { FindEnvironment } from '../environment/environment';
import { checkServing } from '../actions/serving';
import { withHeartbeat } from '../environment/heartbeat';
import type { Session } from '../environment/session';
import { secretsOf } from '../actions/perform-action';
import { onlyReading, runProbes } from '../evidence/run-probes';
import type { PerformOfPlan } from '../statements/of-known-plan';

/** Tests and linters of the application may take their time. */
const checkLimitMs = 600_000;

/**
 * Looks whether the expected release serves and behaves as expected, by calls that only read, and whether it is the right
 * one, by the settings' release checks. Guards against a plan that meets another release than it was written for.
 */
export function createCheckApplication({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'checkApplication'> {
  return ({ target, release, serves, byAction, ...plan }) =>
    withHeartbeat(async (signal) => {
      const environment = find(target);
      const session = { environment, signal };
      return [
        ...checkPlanActions(environment, { byAction, removes: plan.removes }),
        await checkServing(environment, signal, { release, serves }),
        ...(await runProbes(session, onlyReading(plan.probes), { serves, samples: plan })),
        ...(await runReleaseChecks(session)),
      ];
    });
}

async function runReleaseChecks({ environment, signal }: Omit<Session, 'client'>): Promise<Finding[]> {
  const { releaseChecks } = environment.application;
  if (releaseChecks.length === 0) {
    const remedy = 'name commands that prove the release in the settings (application.releaseChecks)';
    return [
      {
        check: 'release checks',
        status: 'not covered',
        expected: 'named commands',
        found: 'none in the settings',
        remedy,
      },
    ];
  }
  const findings: Finding[] = [];
  for (const { name, command } of releaseChecks) {
    const outcome = await runAction({ command }, { timeoutMs: checkLimitMs, signal, secrets: secretsOf(environment) });
    const isOver = outcome.kind === 'done' || outcome.kind === 'failed';
    findings.push(
      finding(`release check ${name}`, isOver ? outcome.kind === 'done' : 'unknown', {
        expected: 'exit status 0',
        found: 'reason' in outcome ? outcome.reason : 'exit status 0',
        remedy: 'run the command by hand in the folder of the worker and fix what it says',
        ...('output' in outcome && outcome.kind !== 'done' && { evidence: outcome.output.slice(-5) }),
      }),
    );
  }
  return findings;
}
