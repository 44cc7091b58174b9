import type { Temporal } from '../../adapters/temporal';
import type { Plan } from '../../contract/plan/plan';
import type { Person } from '../decisions/policy';

/**
 * Everybody who asked for a run: the person named by its input, and whoever its start event names. Guards against
 * voting for one's own order: with the name of a colleague in `requestedBy` the start event still has one's own.
 * The event's identity is text of the sender, so it can only add a requester, never remove one.
 */
export async function requestersOf(
  temporal: Pick<Temporal, 'startEvent'>,
  people: readonly Person[],
  order: { requestedBy: string; workflowId: string; runId: string },
): Promise<string[]> {
  const { identity, principal } = await temporal.startEvent(order);
  const named = [identity, principal ?? ''].flatMap((text) => personsNamed(text, people));
  return [...new Set([order.requestedBy, ...named])];
}

/** Who wrote what is to be carried out: as the plan says, and as the order does. They don't vote on it either. */
export const authorsOf = (plan: Pick<Plan, 'author'>, order: { author?: string | undefined }): string[] =>
  [...new Set([plan.author, order.author])].filter((author) => author !== undefined);

/** Persons whom an identity such as `maria`, `maria@laptop`, `maria@example.com` or `cli:maria@laptop` names. */
export function personsNamed(identity: string, people: readonly Person[]): string[] {
  const text = identity.trim().toLowerCase();
  const parts = new Set(text.split(/[\s:/()<>,;]+/).flatMap((part) => [part, part.split('@')[0] ?? '']));
  return people
    .filter(({ name, email, slackId }) =>
      [name, email, slackId].some(
        (mark) => mark !== undefined && (parts.has(mark.toLowerCase()) || text === mark.toLowerCase()),
      ),
    )
    .map(({ name }) => name);
}
