import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** Secrets of `writeWorkerSettings`; all of them hold this word, which must never show. */
export const secretWord = 'S3CRET';

/** Settings of a target whose servers are nowhere: for workers that take tasks without doing much. */
export function writeWorkerSettings(
  folder: string,
  change: (file: Record<string, unknown>) => void = () => {},
): { file: string; env: Record<string, string> } {
  const environment = (name: string) => ({
    postgres: `env:${name}_DATABASE_URL`,
    application: { url: `http://127.0.0.1:1/${name}`, health: {}, probeKey: `env:${name}_PROBE_KEY` },
  });
  const yaml: Record<string, unknown> = {
    plans: [join(__dirname, '../../../plans')],
    people: {
      maria: { slack: 'UMARIA', roles: ['release-manager'] },
      anna: { slack: 'UANNA', roles: ['approver', 'on-call'] },
      ben: { slack: 'UBEN', roles: ['approver'] },
      carla: { slack: 'UCARLA', roles: ['approver'] },
    },
    policy: { approvals: { approver: 2 } },
    approvalKey: { id: 'test', key: 'env:APPROVAL_KEY' },
    targets: { 'agent-api': { staging: environment('STAGING'), production: environment('PRODUCTION') } },
  };
  change(yaml);
  const file = join(folder, 'rubicon.yaml');
  writeFileSync(file, stringify(yaml));
  const env = {
    RUBICON_CONFIG: file,
    APPROVAL_KEY: `${secretWord}-0123456789012345678901234567890123456789`,
    STAGING_DATABASE_URL: `postgres://u:${secretWord}@127.0.0.1:1/staging`,
    STAGING_PROBE_KEY: `sk-${secretWord}-staging`,
    PRODUCTION_DATABASE_URL: `postgres://u:${secretWord}@127.0.0.1:1/production`,
    PRODUCTION_PROBE_KEY: `sk-${secretWord}-production`,
  };
  return { file, env };
}
