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
export async function readHealth(
  application: Application,
  { path, release: field }: NonNullable<Application['health']>,
  signal: AbortSignal,
): Promise<Health> {
  const { status, json, failure } = await callApplication(application, { path, key: 'none', signal });
  if (status === undefined) return { healthy: false, found: `no answer (${failure?.message ?? 'unknown'})` };
  const named = valueAt(json, field);
  const release = typeof named === 'string' || typeof named === 'number' ? String(named).slice(0, 100) : undefined;
  const found = `status ${status}, ${release === undefined ? 'no release named' : `release "${release}"`}`;
  return { healthy: status >= 200 && status < 300, found, ...(release === undefined ? {} : { release }) };
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
