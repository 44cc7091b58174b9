import { duplicates, unknownName, type PlanSections, type Problem } from './problem';

/** Checks of what is called and watched: `probes`, `loadTest`, `log`, `watch`. */
export function watchProblems(plan: PlanSections): Problem[] {
  return [...probeProblems(plan), ...loadTestProblems(plan), ...canaryProblems(plan), ...ruleProblems(plan)];
}

function probeProblems({ probes = [] }: PlanSections): Problem[] {
  const names = probes.map(({ name }) => name);
  return [
    ...duplicates(names, (index) => ['probes', index, 'name']),
    ...probes.flatMap(({ path: url, sample, method, body }, index): Problem[] => [
      ...(url.includes('{sample}') && sample === undefined
        ? [{ path: ['probes', index, 'path'], message: 'expected a field "sample" for {sample}, found none' }]
        : []),
      ...(!url.includes('{sample}') && sample !== undefined
        ? [
            {
              path: ['probes', index, 'sample'],
              message: 'expected {sample} in "path", found none; leave "sample" out',
            },
          ]
        : []),
      ...(method === 'GET' && body !== undefined
        ? [{ path: ['probes', index, 'body'], message: 'expected no body with GET; set "method: POST"' }]
        : []),
    ]),
  ];
}

function loadTestProblems({ loadTest, probes }: PlanSections): Problem[] {
  if (loadTest === undefined || probes === undefined) return [];
  const names = probes.map(({ name }) => name);
  return loadTest.calls.flatMap((call, index) => {
    const path = ['loadTest', 'calls', index];
    const status = probes.find(({ name }) => name === call)?.expect.status ?? 200;
    if (status < 400) return unknownName(path, call, { what: 'a probe', known: names });
    return [{ path, message: `expected a probe that succeeds, found "${call}", which expects status ${status}` }];
  });
}

function canaryProblems({ log, probes }: PlanSections): Problem[] {
  if (log === undefined || probes === undefined) return [];
  const path = ['log', 'canary', 'probe'];
  const { probe: name } = log.canary;
  const probe = probes.find((each) => each.name === name);
  if (probe === undefined) return unknownName(path, name, { what: 'a probe', known: probes.map((each) => each.name) });
  const { status, before = status } = probe.expect;
  if (status >= 400 && before >= 400) return [];
  return [
    {
      path,
      message: `expected a probe that both releases refuse, found "${name}" with status ${before}, then ${status}`,
    },
  ];
}

function ruleProblems({ log, watch = [] }: PlanSections): Problem[] {
  const names = watch.map(({ name }) => name);
  const cleanNames = log?.clean.map(({ name }) => name) ?? [];
  return [
    ...duplicates(names, (index) => ['watch', index, 'name']),
    ...duplicates(cleanNames, (index) => ['log', 'clean', index, 'name']),
    ...watch.flatMap((rule, index) =>
      rule.measure === 'events' && isEmpty(rule.match) ? [tooWide(['watch', index, 'match'])] : [],
    ),
    ...(log?.clean ?? []).flatMap(({ match }, index) =>
      isEmpty(match) ? [tooWide(['log', 'clean', index, 'match'])] : [],
    ),
  ];
}

const isEmpty = ({ event, level }: { event?: string | undefined; level?: string | undefined }): boolean =>
  event === undefined && level === undefined;

const tooWide = (path: PropertyKey[]): Problem => ({
  path,
  message: 'expected "event" or "level", found neither; it would match every line',
});
