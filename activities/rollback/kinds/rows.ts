import { useSystemNames } from '../../../adapters/postgres/search-path';
import { shortTableName } from '../../../contract/text/object-name';
import { unthrottled } from '../../schema-change/throttle';
import { gatherValues } from '../gather-values';
import { checkRefilledRows, refillRows } from '../refill-rows';
import type { RollbackVerbs } from './kind';

/** Put into their table in batches, as its columns were then. Nothing has to be built: the table stayed. */
export const rows: RollbackVerbs<'rows'> = {
  isAsCaptured: () => Promise.resolve(true),
  rebuild: (_, { captured }) =>
    Promise.resolve(captured.map((shape) => `the rows of ${shortTableName(shape)} may come`)),
  refill: async (session, input, { removals, captured }) => {
    await useSystemNames(session.client);
    await gatherValues(session, input);
    return { filled: await refillRows(session, removals, captured), placeholders: 0 };
  },
  checkRefilled: async (session, input, { removals, captured }) => {
    await gatherValues(session, input);
    await refillRows({ ...session, throttle: unthrottled }, removals, captured);
    return checkRefilledRows(session.client, removals, captured);
  },
  finish: () => Promise.resolve([]),
};
