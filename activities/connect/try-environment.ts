import type { Environment } from '../environment/environment';
import { secretsOf } from '../actions/perform-action';
import { tryActions } from './try-actions';
import { tryApplication } from './try-application';
import { tryDatabase, type DatabaseFacts } from './try-database';
import { tryLog } from './try-log';
import { tryBackupFolder, tryTools } from './try-places';
import { tryRedis } from './try-redis';
import { withinLimit, type Part } from './within-limit';

/**
 * Tries everything that the settings of one environment name, all at once, before any plan exists. Changes nothing, runs no
 * action, holds no lock. Each part has its own limit, so that all of it takes seconds whatever is dead.
 */
export async function tryEnvironment(environment: Environment, limitMs = 10_000): Promise<Part[]> {
  const options = { secrets: secretsToHide(environment), limitMs };
  let facts: DatabaseFacts = { findings: [] };
  const database = withinLimit(
    'database',
    async (signal) => (facts = await tryDatabase({ environment, signal })).findings,
    options,
  );
  const others = [
    withinLimit('Redis', () => tryRedis(environment), options),
    withinLimit('log', (signal) => tryLog({ environment, signal }), options),
    withinLimit('application', (signal) => tryApplication({ environment, signal }), options),
    withinLimit('actions', () => tryActions(environment), options),
  ];
  const seen = await database; // the programs have to be as new as its server
  return Promise.all([
    Promise.resolve(seen),
    ...others,
    withinLimit('programs', () => tryTools(environment, facts), options),
    withinLimit('backups', () => tryBackupFolder(environment, facts), options),
  ]);
}

/** Those of the settings, and the passwords inside their URLs. */
function secretsToHide(environment: Environment): string[] {
  const secrets = secretsOf(environment);
  const passwords = secrets.flatMap((secret) => {
    if (!URL.canParse(secret)) return [];
    const { password } = new URL(secret);
    return password === '' ? [] : [password, decoded(password)];
  });
  return [...secrets, ...passwords];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a "%" that stands for itself
  }
}
