import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findEventTriggers, type EventTrigger } from '../../adapters/dependents/event-triggers';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';

/**
 * Event triggers run on every change that a rollout makes to the schema, and can refuse it. What one does only a person can
 * tell: many just notify. The rehearsal on a copy runs them, too.
 */
export const checkEventTriggers = async (client: PostgresClient): Promise<Finding[]> =>
  (await findEventTriggers(client)).map(watching);

const watching = ({ name, event, function: called, raises, md5 }: EventTrigger): Finding =>
  finding(`event trigger ${name}`, 'possible', {
    expected: 'none that refuses a change of this rollout',
    found: `runs ${called} on its DDL (${event}); its source ${reading(raises)}, and whatever fails in it refuses the change`,
    remedy:
      `read it: if it lets these changes pass, accept it with the reason; otherwise "alter event trigger ${name} disable" ` +
      `while the rollout lasts (afterwards "… enable"), then start the rollout again`,
    remedySql: [`alter event trigger ${name} disable`],
    evidence: { md5 },
  });

const reading = (raises: boolean | null): string =>
  raises === null ? 'is not to be read' : raises ? 'can raise an exception' : 'raises nothing';
