import type { ArmedFailPoint } from '../../../adapters/programs/fail-point';
import type { Environment } from '../../../activities/environment/environment';
import { startBreakingProxy, type BreakingProxy } from '../proxies/breaking-proxy';
import { readAudit } from '../looks/ddl-audit';
import { startFailingStep, type FailingStep, type StepEnd } from './failing-step';
import { stepOf, stepsAfter, type Fault, type FaultCase } from './fault-cases';
import type { FaultPlace, FaultStage } from '../stages/fault-stage';
import { runStep, type StepName } from './fault-steps';
import { electorate } from '../stages/sample-environment';
import { watchDdl } from '../looks/watch-ddl';

/** What was seen of a fault and of what was done about it. */
export interface FaultOutcome {
  /** How the failing process ended. */
  failed: StepEnd;
  /** Changes of the schema by a frozen one that went on after its step was done, or put back, without it. */
  lateDdl: number;
  /** Most sessions of ours that were changing the schema at one moment. */
  mostAtOnce: number;
}

const armedFor: Record<Fault, ArmedFailPoint['fault']> = {
  ...{ killed: 'kill', frozen: 'freeze', 'frozen for long': 'freeze' },
  ...{ 'cut off': 'wait', 'left by its server': 'wait' },
};

/** Lets a step fail in a process of its own, does it again here as its workflow would, and then all that follows. */
export async function runFault(
  { postgres }: FaultStage,
  place: FaultPlace,
  { point, fault, then }: FaultCase,
): Promise<FaultOutcome> {
  const { environment, memory } = place;
  const step = stepOf(point);
  const { through, cut, stop } = await breakable(environment);
  const failing = startFailingStep({ step, environment: through, electorate, memory }, point, armedFor[fault]);
  const watch = watchDdl(place);
  const act = (name: StepName) => runStep({ step: name, environment, electorate, memory });
  try {
    await failing.reached();
    if (fault === 'cut off') cut();
    if (fault === 'left by its server') await postgres.kill().then(() => postgres.restart());
    if (fault === 'cut off' || fault === 'left by its server') await goOn(failing);
    await act(then === 'again' ? step : 'undoRemoval');
    let lateDdl = fault === 'frozen' ? await ddlOf(place, () => goOn(failing)) : 0;
    if (then === 'again') for (const next of stepsAfter(step)) await act(next);
    if (fault === 'frozen for long') lateDdl = await ddlOf(place, () => goOn(failing));
    return { failed: await failing.ended, lateDdl, mostAtOnce: await watch.stop() };
  } finally {
    failing.stop();
    stop();
    await watch.stop();
  }
}

/** The same environment, reached through something that can break. */
async function breakable(environment: Environment) {
  const [postgres, redis] = await Promise.all([environment.postgresUrl, environment.redisUrl].map(proxied));
  const through = { ...environment, postgresUrl: postgres?.url ?? '', ...(redis && { redisUrl: redis.url }) };
  const each = (act: (proxy: BreakingProxy) => void) => () => [postgres, redis].forEach((one) => one && act(one.proxy));
  return { through, cut: each((proxy) => proxy.cut()), stop: each((proxy) => proxy.stop()) };
}

async function proxied(text: string | undefined): Promise<{ url: string; proxy: BreakingProxy } | undefined> {
  if (text === undefined) return undefined;
  const url = new URL(text);
  const proxy = await startBreakingProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  return { url: url.href, proxy };
}

/** How many changes of the schema are committed meanwhile. */
async function ddlOf({ query }: FaultPlace, act: () => Promise<unknown>): Promise<number> {
  const before = await query(readAudit);
  await act();
  return (await query(readAudit)).length - before.length;
}

async function goOn(failing: FailingStep): Promise<StepEnd> {
  failing.goOn();
  return failing.ended;
}
