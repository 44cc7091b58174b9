import type { Kind } from '../../contract/plan/kinds';
import type { RemovalOf } from '../../contract/plan/removal';
import { kindOf, parseRemoval, type Removes } from '../../contract/plan/removals';
import type { Environment } from '../../activities/environment/environment';
import { introspect } from '../../activities/catalogue/introspect';
import { introspectSurroundings } from '../../activities/catalogue/introspect-around';
import { introspectIndexes } from '../../activities/catalogue/introspect-indexes';
import { introspectPartitions } from '../../activities/catalogue/introspect-partitions';
import { introspectTables } from '../../activities/catalogue/introspect-tables';
import { columnsPart } from './plan-new-columns';
import { externalPart } from './plan-new-external';
import { indexesPart } from './plan-new-indexes';
import { partitionsPart } from './plan-new-partitions';
import { rowsPart, tablesPart } from './plan-new-tables';
import type { KindPart } from './plan-new-text';

/** Looks at staging, and says what a plan of this kind begins with; or what is not there. Reads only. */
type Look = (environment: Environment, removes: Removes) => Promise<KindPart | { faults: string[] }>;

const looks = {
  column: async (environment, removes) => {
    const found = await introspect(environment, inOrder(removes, 'column'));
    return 'faults' in found ? found : columnsPart(found);
  },
  table: async (environment, removes) => {
    const found = await introspectTables(environment, inOrder(removes, 'table'));
    return 'faults' in found ? found : tablesPart(found);
  },
  rows: async (environment, removes) => {
    const found = await introspectTables(environment, inOrder(removes, 'rows'));
    return 'faults' in found ? found : rowsPart(found, removes);
  },
  partition: async (environment, removes) => {
    const found = await introspectPartitions(environment, inOrder(removes, 'partition'));
    return 'faults' in found ? found : partitionsPart(found);
  },
  index: async (environment, removes) => {
    const found = await introspectIndexes(environment, inOrder(removes, 'index'));
    return 'faults' in found ? found : indexesPart(found, removes);
  },
  external: async (environment, removes) => externalPart(await introspectSurroundings(environment), removes),
} satisfies Record<Kind, Look>;

/** By the kind of what is removed; `removes` must not be empty. */
export const lookForPlan: Look = (environment, removes) => looks[kindOf({ removes })](environment, removes);

/** As they were asked for, not in the order of locks. */
const inOrder = <K extends Kind>(removes: Removes, kind: K): RemovalOf<K>[] =>
  removes.map(parseRemoval).filter((removal): removal is RemovalOf<K> => removal.kind === kind);
