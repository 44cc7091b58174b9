import type { Case } from './make-case';
import { without, type Part } from './parts';
import { runCase, type CaseOrder, type Fault } from './run-case';
import type { FuzzServer } from './server';

/** How long a fault is made smaller at most. */
const limitMs = 120_000;

/** The parts without which the same fault would not be there: leaves out as many as it can, half of them first, then fewer. */
export async function shrink(server: FuzzServer, made: Case, order: CaseOrder, { kind }: Fault): Promise<Part[]> {
  const until = Date.now() + limitMs;
  let left = [...order.parts];
  for (let size = Math.ceil(left.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let from = left.length - size; from > -size; from -= size) {
      if (Date.now() > until) return left;
      const gone = new Set(left.slice(Math.max(0, from), from + size).map(({ id }) => id));
      const fewer = without(left, gone);
      if (fewer.length === left.length || fewer.length === 0) continue;
      const verdict = await runCase(server, made, { ...order, parts: fewer });
      if (verdict.outcome === 'fault' && verdict.kind === kind) left = fewer;
      from = Math.min(from, left.length);
    }
  }
  return left;
}
