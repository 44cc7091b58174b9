import { join } from 'node:path';
import type { ControlSettings } from '../../../activities/run/control-settings';

const covered = { redis: true, maintenance: true, deploy: true, log: true };

/** People and policy as in the examples: maria orders, anna and ben approve, otto is on call. */
export const sampleControl: ControlSettings = {
  plans: [join(__dirname, '../../../plans')],
  people: [
    { name: 'maria', slackId: 'UMARIA', email: 'maria@example.com', roles: ['release-manager', 'approver'] },
    { name: 'anna', slackId: 'UANNA', email: 'anna@example.com', roles: ['approver'] },
    { name: 'ben', slackId: 'UBEN', roles: ['approver'] },
    { name: 'otto', slackId: 'UOTTO', roles: ['on-call'] },
  ],
  policy: { approvals: { approver: 2 }, onCall: 'on-call', custodian: 'custodian', minimumSoakMs: 86_400_000 },
  keepBackupsMs: 30 * 86_400_000,
  targets: [{ name: 'agent-api', covered: { staging: covered, production: covered } }],
  temporalUi: 'http://127.0.0.1:8233/namespaces/default',
};
