import { normalize, relative } from 'node:path';
import { toMs } from '../../contract/text/duration';
import { environments } from '../../contract/run/names';
import type { EnvironmentFields, SettingsFile } from './settings-schema';
import type { Secret } from './settings-secrets';

/** A combination of settings that must not be, at the later of its places. */
export interface Danger {
  /** Such as `policy`, `onCall`. */
  path: PropertyKey[];
  /** Without the place. */
  message: string;
}

type Sections = Partial<SettingsFile>;

/** What no single field shows, and what would end badly. */
export const dangers = (sections: Sections): Danger[] => [
  ...sharedPlaces(sections),
  ...samePersons(sections),
  ...impossibleQuorums(sections),
  ...custodiansWithoutRecipient(sections),
  ...noTargets(sections),
  ...unknownReleases(sections),
  ...sharedHeaders(sections),
];

/** What is allowed and should be known. */
export function warningsOf({ policy, slack, people, approvalKey, backups }: Sections): string[] {
  const { announcements, codes } = slack ?? {};
  const isSameToken = announcements && codes && isSame(announcements.token, codes.token);
  const missing = [
    ...(codes === undefined ? ['slack.codes'] : []),
    ...(announcements === undefined ? ['slack.announcements'] : []),
  ];
  return [
    ...(policy && toMs(policy.minimumSoak) < dayMs
      ? [`policy.minimumSoak is ${policy.minimumSoak}, the runbook's is 24 hours: production can be changed after less`]
      : []),
    ...(backups && isWithin(backups.folder, backups.identities ?? backups.folder)
      ? ['backups.identities is in backups.folder: anyone who gets that folder can decrypt what is in it']
      : []),
    ...(backups && toMs(backups.keep) < 7 * dayMs
      ? [`backups.keep is ${backups.keep}: recovery ends before the week of aftercare does`]
      : []),
    ...(isSameToken
      ? [
          'slack.announcements and slack.codes have the same token: anyone who runs the control worker can read approval codes',
        ]
      : []),
    ...(approvalKey === undefined ? ['approvalKey is missing: no one can approve'] : []),
    ...missing.map(
      (name) => `${name} is missing: ${name === 'slack.codes' ? 'no one can approve' : 'no one is notified'}`,
    ),
    ...Object.entries(policy?.approvals ?? {}).flatMap(([role, count]) =>
      people && votersOf(people, role).length === count
        ? [`policy.approvals: all ${count} with role "${role}" must approve, and none of them can order a rollout`]
        : [],
    ),
  ];
}

const dayMs = 86_400_000;

const isWithin = (folder: string, other: string): boolean => !/^\.\.(?:\/|$)/.test(relative(folder, other));

/** What two environments must not share, of whatever target: one would be changed for the other. */
function sharedPlaces({ targets = {} }: Sections): Danger[] {
  const seen = new Map<string, string>();
  const dangers: Danger[] = [];
  for (const [target, both] of Object.entries(targets)) {
    for (const name of environments) {
      for (const { what, path, mark } of placesOf(both[name])) {
        const place = `targets.${target}.${name}.${path.join('.')}`;
        const other = seen.get(`${what} ${mark}`);
        if (other === undefined) seen.set(`${what} ${mark}`, place);
        else {
          const message = `expected a different ${what} from ${other}: one environment would be changed instead of the other`;
          dangers.push({ path: ['targets', target, name, ...path], message });
        }
      }
    }
  }
  return dangers;
}

function placesOf({
  postgres,
  redis,
  application,
}: EnvironmentFields): { what: string; path: string[]; mark: string }[] {
  const { url, log, actions } = application;
  const posts = Object.entries(actions).flatMap(([name, action]) =>
    action?.post === undefined || action.headers !== undefined
      ? []
      : [{ what: `${name} action`, path: ['application', 'actions', name, 'post'], mark: markOf(action.post) }],
  );
  return [
    { what: 'database', path: ['postgres'], mark: markOf(postgres) },
    ...(redis ? [{ what: 'Redis', path: ['redis'], mark: markOf(redis) }] : []),
    { what: 'application', path: ['application', 'url'], mark: url },
    ...(log === undefined ? [] : [{ what: 'log', path: ['application', 'log'], mark: normalize(log) }]),
    ...posts,
  ];
}

/** Server and database of a URL, without user and options; its reference where it is not resolved. */
function markOf(address: string | Secret): string {
  const text = typeof address === 'string' ? address : address.value;
  if (text === undefined || !URL.canParse(text)) return typeof address === 'string' ? address : address.ref;
  const { protocol, hostname, port, pathname } = new URL(text);
  const isRedis = protocol.startsWith('redis');
  const path = isRedis ? pathname.replace(/^\/?$/, '/0') : pathname;
  const host = hostname.toLowerCase().replace(/^(localhost|\[::1\])$/, '127.0.0.1');
  return `${host}:${port || (isRedis ? '6379' : '5432')}${path}`;
}

const isSame = (a: Secret, b: Secret): boolean => a.ref === b.ref || (a.value !== undefined && a.value === b.value);

/** One human being with two votes. */
function samePersons({ people = {} }: Sections): Danger[] {
  const seen = new Map<string, string>();
  return Object.entries(people).flatMap(([name, { slack, email }]) =>
    Object.entries({ slack, email: email?.toLowerCase() }).flatMap(([field, mark]): Danger[] => {
      const other = mark === undefined ? undefined : seen.get(mark);
      if (mark !== undefined && other === undefined) seen.set(mark, name);
      if (other === undefined) return [];
      const message = `expected a different one from that of "${other}": one person would have two votes`;
      return [{ path: ['people', name, field], message }];
    }),
  );
}

function impossibleQuorums({ policy, people }: Sections): Danger[] {
  if (policy === undefined || people === undefined) return [];
  const short = Object.entries(policy.approvals).flatMap(([role, count]): Danger[] => {
    const there = votersOf(people, role).length;
    if (there >= count) return [];
    const message = `expected at least ${count} people with role "${role}" and a Slack id, found ${there}; nothing could ever be approved`;
    return [{ path: ['policy', 'approvals', role], message }];
  });
  if (votersOf(people, policy.onCall).length > 0) return short;
  const message = `expected someone with role "${policy.onCall}" and a Slack id, found no one; no question could be answered`;
  return [...short, { path: ['policy', 'onCall'], message }];
}

/** No one would notice before new keys are needed. */
function custodiansWithoutRecipient({ policy, people = {} }: Sections): Danger[] {
  const message = 'expected a recipient of age ("age1…"): nothing can be sealed for this custodian without one';
  return Object.entries(people).flatMap(([name, { roles, recipient }]): Danger[] =>
    policy !== undefined && roles.includes(policy.custodian) && recipient === undefined
      ? [{ path: ['people', name, 'recipient'], message }]
      : [],
  );
}

/** All applications, each with its place. */
const applicationsOf = ({ targets = {} }: Sections) =>
  Object.entries(targets).flatMap(([target, both]) =>
    environments.map((name) => ({
      application: both[name].application,
      at: ['targets', target, name, 'application'] as PropertyKey[],
    })),
  );

/** Nothing is deployed, dropped or taken back by guess. */
const unknownReleases = (sections: Sections): Danger[] =>
  applicationsOf(sections).flatMap(({ application: { health, actions }, at }) => {
    if (health !== undefined) return [];
    const check = actions.deploy?.check;
    const tells =
      check !== undefined && (check.command !== undefined || Object.values(check.expect ?? {}).includes('$release'));
    if (tells) return [];
    const message =
      'expected "health", or a "check" of actions.deploy that looks at "$release", found neither: nothing would tell which release serves';
    return [{ path: [...at, 'health'], message }];
  });

/** Each of our calls has them, with its id. */
const headersOfCalls = ['x-correlation-id', 'x-request-id', 'user-agent'];

/** One would be sent instead of the other. */
const sharedHeaders = (sections: Sections): Danger[] =>
  applicationsOf(sections).flatMap(({ application, at }) => {
    const { probeKeyHeader, maintenanceBypass, callIdHeader } = application;
    const names = [
      { path: ['probeKeyHeader', 'name'], name: probeKeyHeader?.name ?? 'X-API-Key' },
      { path: ['maintenanceBypass', 'header'], name: maintenanceBypass?.header },
      {
        path: ['callIdHeader'],
        name: headersOfCalls.includes(callIdHeader?.toLowerCase() ?? '') ? undefined : callIdHeader,
      },
    ];
    const seen = new Set(headersOfCalls);
    return names.flatMap(({ path, name }): Danger[] => {
      const key = name?.toLowerCase();
      if (key === undefined || !seen.has(key)) {
        if (key !== undefined) seen.add(key);
        return [];
      }
      return [{ path: [...at, ...path], message: 'expected a separate header: another value is sent in this one' }];
    });
  });

const votersOf = (people: SettingsFile['people'], role: string): string[] =>
  Object.entries(people).flatMap(([name, { slack, roles }]) => (slack && roles.includes(role) ? [name] : []));

const noTargets = ({ targets }: Sections): Danger[] =>
  targets && Object.keys(targets).length === 0 ? [{ path: ['targets'], message: 'expected at least one target' }] : [];
