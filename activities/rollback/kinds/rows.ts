import { useSystemNames } from '../../../adapters/postgres/search-path';
import { shortTableName } from '../../../contract/text/object-name';
import { unthrottled } from '../../schema-change/throttle';
import { gatherValues } from '../../new-keys/gather-values';
import { checkRowsBack, putRowsBack } from '../restore-rows';
import type { RollbackVerbs } from './kind';

/** Put into their table in batches, as its columns were then. Nothing has to be built: the table stayed. */
export const rows: RollbackVerbs<'rows'> = {
  isAsCaptured: () => Promise.resolve(true),
  rebuild: (_, { captured }) =>
    Promise.resolve(captured.map((shape) => `the rows of ${shortTableName(shape)} may come`)),
  refill: async ({ client, environment, signal, throttle }, input, { removals, captured }) => {
    await useSystemNames(client);
    await gatherValues(client, environment, input, signal);
    return { filled: await putRowsBack(client, removals, captured, { throttle, signal }), placeholders: 0 };
  },
  checkRefilled: async ({ client, environment, signal }, input, { removals, captured }) => {
    await gatherValues(client, environment, input, signal);
    await putRowsBack(client, removals, captured, { throttle: unthrottled, signal });
    return checkRowsBack(client, removals, captured);
  },
  finish: () => Promise.resolve([]),
};
