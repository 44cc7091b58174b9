import { withCopiedDefinitions } from '../../adapters/database-copy/copied-definitions';
import { safeMessage } from '../../adapters/programs/secret-text';
import { finding } from '../../contract/run/findings';
import { traitsOf } from '../../contract/plan/removals';
import type { FindEnvironment } from '../environment/environment';
import { withHeartbeat } from '../environment/heartbeat';
import { requireApprovedPlan } from '../decisions/rollout-decisions';
import { installOnCopy } from './copy-environment';
import { rehearse } from './rehearse';
import { sampleOfPlan } from './sample-of-plan';
import type { PerformOfPlan } from '../statements/of-known-plan';

/**
 * Walks the whole way there and back on a throw-away server that has the definitions, rights and a sample of the rows of
 * this environment. Guards against a schema whose rollback can't work, before anything is changed anywhere.
 *
 * Reads the real database, and changes nothing there; safe to run again. What could not be found out is unknown.
 */
export function createRehearseOnCopy({
  environment: find,
}: {
  environment: FindEnvironment;
}): PerformOfPlan<'rehearseOnCopy'> {
  return (order) =>
    withHeartbeat(async (signal) => {
      const environment = find(order.run.target);
      requireApprovedPlan(order);
      const { plan } = order;
      if (!traitsOf(plan).isInDatabase) return { findings: [] };
      const { target, name, postgresUrl: url, toolsFolder } = environment;
      const connection = { url, applicationName: `rubicon ${target} ${name} rehearse`.slice(0, 63) };
      try {
        return await withCopiedDefinitions(
          { connection, toolsFolder, signal, samples: (client) => sampleOfPlan(client, plan) },
          async (copy) => {
            await installOnCopy(environment, copy.asSuperuser, copy.facts.worker.name);
            const sample = { ...copy, extent: 'sample', notCovered: copy.sample.short } as const;
            return rehearse({ environment, signal }, plan, sample);
          },
        );
      } catch (error) {
        signal.throwIfAborted();
        return { findings: [notFoundOut(error, environment.rehearseOnCopy)] };
      }
    });
}

function notFoundOut(error: unknown, policy = 'required') {
  const unknown = finding('rehearsal on the copy', 'unknown', {
    expected: 'change and rollback on a throw-away server, equal afterwards',
    found: safeMessage(error),
    remedy: 'nothing real was touched; fix what it names on the worker, then start again',
  });
  return policy === 'required' ? unknown : { ...unknown, status: 'not covered' as const };
}
