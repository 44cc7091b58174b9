import type { Case } from './make/make-case';
import { stages, without, type Part } from './make/parts';
import type { Fault } from './carried';
import { runCase, type CaseOrder } from './run-case';
import type { FuzzServer } from './server';

/** How long a fault is made smaller at most, unless it is said. */
const usualLimitMs = 300_000;

/** A case that is as small as it got, and still has the same fault. */
export interface Small {
  made: Case;
  order: CaseOrder;
}

/**
 * Leaves out whatever the fault can do without: first what is likely to have nothing to do with it (other tables, most rows,
 * one kind of things after the other), then half of what is left, a quarter, and so on down to single parts.
 */
export async function shrink(server: FuzzServer, from: Small, { kind }: Fault, limitMs = usualLimitMs): Promise<Small> {
  const until = Date.now() + limitMs;
  let best = from;
  const isSame = async (next: Small): Promise<boolean> => {
    if (Date.now() > until) return false;
    const verdict = await runCase(server, next.made, next.order);
    return verdict.outcome === 'fault' && verdict.kind === kind;
  };
  const attempt = async (next: Small): Promise<void> => void ((await isSame(next)) && (best = next));
  const leaveOut = async (ids: readonly string[]): Promise<void> => {
    const parts = without(best.order.parts, new Set(ids));
    if (parts.length < best.order.parts.length && parts.length > 0)
      await attempt({ ...best, order: { ...best.order, parts } });
  };

  await attempt({ ...best, made: { ...best.made, twice: false, hasRevision: false, worker: 'superuser' } });
  if (best.made.twice) await attempt({ ...best, made: { ...best.made, twice: false } });
  for (const ids of likely(best)) await leaveOut(ids);
  for (let size = Math.ceil(best.order.parts.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let end = best.order.parts.length; end > 0 && Date.now() < until; end -= size) {
      const { parts } = best.order;
      await leaveOut(parts.slice(Math.max(0, Math.min(end, parts.length) - size), end).map(({ id }) => id));
    }
  }
  return best;
}

/** Groups of parts that seldom matter, the largest first. */
function likely({ made, order: { parts } }: Small): string[][] {
  const needed = new Set(made.removes.flatMap(({ needs }) => needs));
  const ids = (of: readonly Part[]): string[] => of.map(({ id }) => id);
  const others = parts.filter(({ id, table }) => table !== undefined && !needed.has(id));
  const rowsOf = (table: Part): Part[] => parts.filter(({ row }) => row?.table === table.id);
  const at = stages.map((stage) => parts.filter(({ statements }) => statements?.[0]?.at === stage));
  return [
    ids(others),
    ...others.map(({ id }) => [id]),
    ...parts.filter(({ table }) => table !== undefined).map((table) => ids(rowsOf(table).slice(2))),
    ...made.removes.slice(1).map(({ needs }) => needs.slice(0, 1)),
    ...at.map(ids).reverse(),
    ids(parts.filter(({ id, column }) => column !== undefined && !needed.has(id))),
  ].filter((group) => group.length > 0);
}
