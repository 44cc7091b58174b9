import type { Kind } from '../../../contract/plan/kinds';
import type { Plan } from '../../../contract/plan/plan';
import { kindOf } from '../../../contract/plan/removals';
import { column } from './column';
import { external } from './external';
import type { Effects } from './kind';
import { oneIndex } from './one-index';
import { partition } from './partition';
import { rows } from './rows';
import { table } from './table';

const kinds = { column, table, rows, partition, index: oneIndex, external } satisfies Record<Kind, Effects>;

/** The effects on what a plan removes. */
export const effectsOf = (plan: Pick<Plan, 'removes'>): Effects => kinds[kindOf(plan)];
