import type { LoadTestResult } from '../../adapters/application/load-test';
import type { LogLine } from '../../adapters/log/line';
import { matches } from '../../adapters/log/rules';
import type { LogSummary } from '../../adapters/log/summary';
import type { Rule } from '../../contract/plan/evidence';
import { finding, type Finding } from '../../contract/run/findings';
import type { LogPosition } from '../../contract/run/samples';
import { counted } from '../../contract/text/plain-text';
import type { Plan } from '../../contract/plan/plan';
import type { Session } from '../environment/session';
import { logOf } from './application-log';
import { gapSentences } from './log-gaps';
import { whoseLine } from './self-generated-lines';
import { readUntilSeen } from './read-until-seen';
import { requestCount, requestRules } from './watch-rules';

interface Meanwhile {
  log: Plan['log'];
  watch: Plan['watch'];
  /** Where the log ended before; undefined: it could not be read. */
  start: LogPosition | undefined;
  result: LoadTestResult;
  /** Of every call of this load test. */
  id: string;
}

type EventRule = Extract<Rule, { measure: 'events' }>;

/**
 * What the log says of the calls of a load test, by the plan's own rules with their exceptions, one finding a rule. Only lines of our
 * calls count, where the log shows whose they are: staging has other users. The log is believed only if it shows as many
 * requests as were answered.
 */
export async function judgeLoadLog(
  { environment, signal }: Omit<Session, 'client'>,
  meanwhile: Meanwhile,
): Promise<Finding[]> {
  const { application } = environment;
  const { log, start, result } = meanwhile;
  const source = logOf(application);
  const rules = rulesOf(meanwhile.watch);
  if (log === undefined || source === undefined)
    return [
      {
        ...{ check: 'load test: log', status: 'not covered', expected: 'a log of the application', found: 'no log' },
        remedy: 'name the log in plan and settings',
      },
    ];
  const failed = Object.values(result.errors).reduce((sum, count) => sum + count, 0);
  const answered = result.requests - failed;
  const read = await readUntilSeen(async () => {
    const whose = followLoad(rules, meanwhile.id, application.probeKey);
    const all = await source.summarize({
      ...{ position: start, rules: requestRules(log.requests), signal },
      onLine: whose.see,
    });
    return { ...all, whose, isWhole: requestCount(all.summary) >= answered };
  }, signal);
  const unknown = [
    ...gapSentences(read.coverage),
    ...(start === undefined ? ['log: it could not be read before'] : doubtsOf(read.summary, answered)),
  ];
  return rules.map((rule) => judgeRule(rule, read.whose, unknown));
}

/** Rules of lines; where the plan has none about errors, there must be no line of that level. */
function rulesOf(watch: Plan['watch']): EventRule[] {
  const rules = watch.filter((rule): rule is EventRule => rule.measure === 'events');
  if (rules.some(({ match }) => match.level?.toLowerCase() === 'error')) return rules;
  return [
    ...rules,
    { name: 'errors in the log', measure: 'events', match: { level: 'error' }, max: 0, severity: 'high' },
  ];
}

/** Counts the lines of each rule by whose they are. */
function followLoad(rules: readonly EventRule[], id: string, secret: string) {
  const counts = new Map(rules.map(({ name }) => [name, { own: 0, all: 0 }]));
  let showsIds = false;
  return {
    see(line: LogLine): void {
      const isOwn = whoseLine(line, secret).id === id;
      showsIds ||= isOwn;
      for (const { name, match } of rules) {
        const count = counts.get(name);
        if (count === undefined || !matches(line, match)) continue;
        count.all += 1;
        if (isOwn) count.own += 1;
      }
    },
    /** Whether any line says that it belongs to a call of ours. */
    showsIds: () => showsIds,
    of: (name: string) => counts.get(name) ?? { own: 0, all: 0 },
  };
}

function judgeRule({ name, max }: EventRule, whose: ReturnType<typeof followLoad>, unknown: string[]): Finding {
  const { own, all } = whose.of(name);
  const counts = whose.showsIds() ? own : all;
  const others = !whose.showsIds()
    ? all > 0
      ? ', and the log does not say of which calls'
      : ''
    : all > own
      ? ` of the load test's calls; ${all - own} of others, which do not count`
      : " of the load test's calls";
  return finding(`load test: ${name}`, counts > max ? false : unknown.length > 0 ? 'unknown' : true, {
    expected: `at most ${counted(max, 'line')} of the load test's calls`,
    found: [`${counted(counts, 'line')}${others}`, ...unknown].join('; '),
    remedy: whose.showsIds()
      ? 'look into the log of staging, by the id of these calls'
      : 'look into the log of staging; have the application log the id of each call, so that others can be told apart (docs/platform-engineer.md)',
  });
}

const doubtsOf = (summary: LogSummary, answered: number): string[] => {
  const seen = requestCount(summary);
  return seen >= answered ? [] : [`log: it shows ${seen} requests of ${answered}`];
};
