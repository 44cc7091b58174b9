import type { Client } from '@temporalio/client';
import { createControlActivities } from '../activities/control-activities';
import { createEnvironmentActivities } from '../activities/environment-activities';
import { createGateActivities } from '../activities/gate-activities';
import { sealResults } from '../activities/seals/seal-results';
import { askedByItsRun } from '../activities/run/asked-by-its-run';
import { openCodeMessenger } from '../activities/approval/code-messenger';
import type { Electorate } from '../activities/decisions/voters';
import { openTemporal } from '../adapters/temporal';
import { permanent } from '../contract/run/failures';
import type { EnvironmentName, Role } from '../contract/run/names';
import type { GateActivities } from '../contract/activities/gate-activities';
import { findEnvironment } from './settings/settings';
import type { Settings } from './settings/settings';

/** The activities that a role serves, with no more of the settings than that role needs; each acts for the run that asks alone. */
export function activitiesOf(role: Role, settings: Settings, client: Client): object {
  const serves =
    role === 'control' ? controlActivities(settings, client) : environmentActivities(role, settings, client);
  return askedByItsRun(serves, openTemporal(client));
}

function controlActivities(settings: Settings, client: Client): object {
  const { plans, people, policy, targets, temporalUi, slack, reports, backups, webhooks, mail } = settings;
  const announcements = slack.announcements;
  const apiUrl = slack.apiUrl;
  const board = announcements && {
    slack: { token: announcements.token, ...(apiUrl !== undefined && { apiUrl }) },
    channel: announcements.channel,
    ...(announcements.stakeholders !== undefined && { stakeholdersChannel: announcements.stakeholders }),
  };
  const kept = { keepBackupsMs: backups.keepMs, reportsFolder: reports.folder };
  const channels = { webhooks, ...(mail && { mail }), hasSlack: announcements !== undefined };
  const known = { plans, people, policy, targets, temporalUi, ...kept, ...channels };
  return createControlActivities({ temporal: openTemporal(client), ...known, ...board });
}

/** Production also serves the gates: it alone has the approval key. */
function environmentActivities(name: EnvironmentName, settings: Settings, client: Client): object {
  const environment = findEnvironment(settings, name);
  const temporal = openTemporal(client);
  const { people, policy, approvalKey, slack, temporalUi } = settings;
  const sealed = (more: { electorate?: Electorate } = {}): object =>
    sealResults(createEnvironmentActivities({ environment, temporal, ...more }), { environment, temporal });
  if (name === 'staging') return sealed();
  if (approvalKey === undefined) return { ...sealed(), ...noGates };
  const electorate: Electorate = { people, policy, approvalKey };
  const token = slack.codes?.token;
  const apiUrl = slack.apiUrl;
  const messenger = openCodeMessenger(
    token === undefined ? undefined : { token, ...(apiUrl !== undefined && { apiUrl }) },
  );
  return {
    ...sealed({ electorate }),
    ...createGateActivities({
      ...{ ...electorate, environment, messenger, temporal, temporalUi },
      hasButtons: slack.codes?.buttons !== undefined,
    }),
  };
}

/** Without these names a gate would wait for a worker that never comes. */
const noGates: GateActivities = {
  openGate: noKey,
  verifyCodes: noKey,
  verifyYield: noKey,
  closeGate: noKey,
  showRequest: noKey,
  remind: noKey,
  findWindow: noKey,
};

async function noKey(): Promise<never> {
  throw permanent(
    'NoOneNotified',
    'expected "approvalKey" in the settings of the production worker, found none; add it and start the worker again',
  );
}
