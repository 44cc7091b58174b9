import { stringify } from 'yaml';
import { visible } from '../../contract/text/plain-text';
import type { Removes } from '../../contract/plan/removals';
import type { Surroundings } from '../../activities/catalogue/introspect-around';

/** What differs by the kind of what a plan removes. */
export interface KindPart {
  /** One sentence for approvers, to be completed. */
  does: string;
  removes: Removes;
  /** Comment on `removes`: what staging says of it. */
  says: string;
  /** What is removed, in the comment on `watch`. */
  what: string;
  /** Sections that only this kind has, in YAML. */
  sections: string[];
  /** Field of answers that the new release must not show. Absent = the answer stays as it is. */
  lacks?: string;
  /** What staging says besides. A plan of things outside the database has no `revision`. */
  around: Surroundings;
  /** False: the plan has no section `revision`, since no migration belongs to it. */
  hasRevision: boolean;
}

/**
 * The text of a plan. Whatever no database can tell says "fill in".
 *
 * @param schema path of the schema for editors, from the plan's folder; undefined: there is none on this machine
 */
export function newPlanText(name: string, part: KindPart, schema?: string): string {
  const parts = [
    ...(schema === undefined ? [] : [`# yaml-language-server: $schema=${schema}`]),
    `# ${name}: written by "rubicon plan new" from what staging says. Look for "fill in", then: rubicon plan check ${name}`,
    yaml({ does: part.does }, 'One sentence for approvers.'),
    yaml(
      { release: { from: part.around.release ?? 'fill-in-old', to: 'fill-in-new' } },
      'As the deploy action and the health answer name them; fill in the new one, which must work with and without what this plan removes.',
    ),
    ...(part.hasRevision ? [revisionOf(part.around)] : []),
    yaml({ removes: part.removes }, part.says),
    ...part.sections,
    '# cache: prefixes of the cache that hold what is removed; fill in, or leave out where there is no cache.',
    yaml(
      { probes: probesOf(part) },
      'Calls that must be answered the same before and after: fill in paths that show this data.',
    ),
    yaml(
      { log },
      "The application's log, one JSON object a line: the event that ends each request, and the one that a refusal leaves; fill in.",
    ),
    yaml(
      { watch },
      `For soak, trial, monitor and aftercare; fill in the event that shows that someone still needs ${part.what}.`,
    ),
    yaml({ approvals: { approver: 2 } }, 'The policy of the settings can only add to them.'),
  ];
  return `${parts.join('\n\n')}\n`;
}

/** One section with what it is for. */
export const yaml = (value: object, comment: string): string =>
  `# ${visible(comment)}\n${stringify(value, { lineWidth: 110 }).trimEnd()}`;

const revisionOf = ({ revision }: Surroundings): string =>
  revision === undefined
    ? "# revision: no table alembic_version was found; add the migration tool's own if there is one."
    : yaml(
        { revision: { table: 'alembic_version', from: revision, to: 'fill-in-revision' } },
        'Exactly these, so fill in the new one; "head" would run what no one has approved.',
      );

const refused = 'a refused answer';

const probesOf = ({ lacks }: KindPart): object[] => [
  {
    name: 'an answer with a right key',
    path: '/fill-in',
    key: 'right',
    expect: { status: 200, ...(lacks !== undefined && { lacks }) },
  },
  { name: refused, path: '/fill-in-refused', key: 'wrong', expect: { status: 401 } },
];

const log = {
  requests: { event: 'fill-in-request-event', status: 'status_code', durationMs: 'duration_ms' },
  canary: { probe: refused, event: 'fill-in-refused-event' },
};

const watch = [
  { name: 'failed requests', measure: 'server errors', max: 0.01, severity: 'high' },
  { name: 'slow requests', measure: 'p95', maxMs: 500, severity: 'high' },
];
