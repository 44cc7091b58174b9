import { isColumn, removalsOf, wordFor, type Removal, type Removes } from '../contract/plan/removals';
import type { Environment } from '../activities/environment/environment';
import { introspect } from '../activities/state/introspect';
import { introspectSurroundings } from '../activities/state/introspect-around';
import { introspectTables } from '../activities/state/introspect-tables';
import { columnsPart } from './plan-new-columns';
import { externalPart } from './plan-new-external';
import { rowsPart, tablesPart } from './plan-new-tables';
import type { KindPart } from './plan-new-text';

/** Looks at staging, and says what a plan of this kind begins with; or what is not there. Reads only. */
type Look = (environment: Environment, removes: Removes) => Promise<KindPart | { faults: string[] }>;

const looks = {
  columns: async (environment, removes) => {
    const found = await introspect(environment, inOrder(removes).filter(isColumn));
    return 'faults' in found ? found : columnsPart(found);
  },
  tables: async (environment, removes) => {
    const found = await introspectTables(environment, inOrder(removes).filter(isTableOrRows));
    return 'faults' in found ? found : tablesPart(found);
  },
  rows: async (environment, removes) => {
    const found = await introspectTables(environment, inOrder(removes).filter(isTableOrRows));
    return 'faults' in found ? found : rowsPart(found, removes);
  },
  things: async (environment, removes) => externalPart(await introspectSurroundings(environment), removes),
} satisfies Record<ReturnType<typeof wordFor>, Look>;

/** By the kind of what is removed; `removes` must not be empty. */
export const lookForPlan: Look = (environment, removes) => looks[wordFor({ removes })](environment, removes);

/** As they were asked for, not in the order of locks. */
const inOrder = (removes: Removes): Removal[] => removes.flatMap((one) => removalsOf({ removes: [one] }));

const isTableOrRows = (removal: Removal): removal is Exclude<Removal, { column: string }> => !isColumn(removal);
