import { finding, type Finding } from '../contract/findings';
import { callApplication } from './call-application';
import type { Application } from './environment';

/** What the application says of itself; a call without a key, which passes in maintenance too. */
export interface Health {
  /** It answered with 2xx. */
  healthy: boolean;
  /** Release that its answer names. */
  release?: string;
  /** For a message: `status 200, release "phase3"`, or why there was no answer. */
  found: string;
}

/** Asks once. Never throws for an application that is down; only a cancel is thrown. */
export async function readHealth(application: Application, signal: AbortSignal): Promise<Health> {
  const { path, release: field } = application.health;
  const { status, json, failure } = await callApplication(application, { path, key: 'none', signal });
  if (status === undefined) return { healthy: false, found: `no answer (${failure?.message ?? 'unknown'})` };
  const named = valueAt(json, field);
  const release = typeof named === 'string' || typeof named === 'number' ? String(named).slice(0, 100) : undefined;
  const found = `status ${status}, ${release === undefined ? 'no release named' : `release "${release}"`}`;
  return { healthy: status >= 200 && status < 300, found, ...(release === undefined ? {} : { release }) };
}

/** Whether it is healthy and, where a release is expected, serves exactly that one. */
export async function checkHealth(application: Application, signal: AbortSignal, release?: string): Promise<Finding> {
  const health = await readHealth(application, signal);
  const serves = release === undefined || health.release === release;
  const remedy = !health.healthy
    ? 'look why the application is not healthy'
    : health.release === undefined
      ? 'name the field of the health answer that holds the release in the settings (application.health.release)'
      : 'deploy the expected release, or correct the plan';
  return finding('health', health.healthy && serves, {
    expected: release === undefined ? 'a healthy answer' : `a healthy answer that names release "${release}"`,
    found: health.found,
    remedy,
  });
}

/** A field by its dotted path, e.g. `build.release`. */
const valueAt = (json: unknown, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (value, name) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined,
      json,
    );
