import { environments } from '../../contract/run/names';
import type { Danger, Sections } from './danger';

/** All applications, each with its place. */
const applicationsOf = ({ targets = {} }: Sections) =>
  Object.entries(targets).flatMap(([target, both]) =>
    environments.map((name) => ({
      application: both[name].application,
      at: ['targets', target, name, 'application'] as PropertyKey[],
    })),
  );

/** Nothing is deployed, dropped or taken back by guess. */
export const unknownReleases = (sections: Sections): Danger[] =>
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
export const sharedHeaders = (sections: Sections): Danger[] =>
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
