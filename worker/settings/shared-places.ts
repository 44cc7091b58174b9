import { normalize } from 'node:path';
import { environments } from '../../contract/run/names';
import type { Danger, Sections } from './danger';
import type { EnvironmentFields } from './settings-schema';
import type { Secret } from './settings-secrets';

/** What two environments must not share, of whatever target: one would be changed for the other. */
export function sharedPlaces({ targets = {} }: Sections): Danger[] {
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
