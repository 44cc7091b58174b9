import { stringify } from 'yaml';
import { parseColumnName, shortTableName, shownPart, writtenName, writtenShort } from '../contract/text/object-name';
import { visible } from '../contract/text/plain-text';
import { qualifiedName, quoteIdentifier } from '../sql/identifier';
import type { Introspected } from '../activities/state/introspect';

/** The text of a plan from what a database says. Whatever no database can tell says "fill in". */
export function newPlanText(name: string, { columns, proof, revision, release }: Introspected): string {
  const [first] = columns;
  const replaced = columns.filter(({ replacedBy }) => replacedBy !== undefined);
  const removed = first === undefined ? '' : parseColumnName(first.column).column;
  const names = columns.map(({ column }) => column).join(', ');
  const parts = [
    `# ${name}: written by "rubicon plan new" from what staging says. Look for "fill in", then: rubicon plan check ${name}`,
    yaml({ does: `Drop ${names}; fill in what requests use instead.` }, 'One sentence for approvers.'),
    yaml(
      { release: { from: release ?? 'fill-in-old', to: 'fill-in-new' } },
      `As the deploy action and the health answer name them; the new one must work with and without the columns.`,
    ),
    ...(revision === undefined
      ? ["# revision: no table alembic_version was found; add the migration tool's own if there is one."]
      : [
          yaml(
            { revision: { table: 'alembic_version', from: revision, to: 'fill-in-revision' } },
            'Exactly these; "head" would run what nobody has approved.',
          ),
        ]),
    yaml(
      {
        removes: columns.map(({ column, replacedBy, primaryKey }) => ({
          column,
          ...(replacedBy !== undefined && { replacedBy: writtenName(replacedBy) }),
          ...(replacedBy === undefined &&
            primaryKey.join() !== 'id' && { primaryKey: primaryKey.map((name) => writtenName(name)) }),
        })),
      },
      `${columns.map(({ column, type }) => `${column} is ${type}`).join('; ')}.`,
    ),
    ...(proof === undefined
      ? ['# proof: no column was found whose values follow from these; values are kept by their row.']
      : [yaml({ proof }, 'Held for each row that was looked at; preflight looks at all of them.')]),
    ...queriesOf(replaced),
    '# cache: prefixes of the cache that hold these values; fill in, or leave out where there is no cache.',
    yaml(
      {
        probes: [
          {
            name: 'an answer with a right key',
            path: '/fill-in',
            key: 'right',
            expect: { status: 200, lacks: removed },
          },
          { name: 'a refused answer', path: '/fill-in-refused', key: 'wrong', expect: { status: 401 } },
        ],
      },
      'Calls that must be answered the same before and after: fill in paths that show this data.',
    ),
    yaml(
      {
        log: {
          requests: { event: 'fill-in-request-event', status: 'status_code', durationMs: 'duration_ms' },
          canary: { probe: 'a refused answer', event: 'fill-in-refused-event' },
        },
      },
      "The application's log, one JSON object a line: the event that ends each request, and the one that a refusal leaves.",
    ),
    yaml(
      {
        watch: [
          { name: 'failed requests', measure: 'server errors', max: 0.01, severity: 'high' },
          { name: 'slow requests', measure: 'p95', maxMs: 500, severity: 'high' },
        ],
      },
      `For soak, trial, monitor and aftercare; fill in the event that tells of somebody who still needs ${first?.column}.`,
    ),
    yaml({ approvals: { approver: 2 } }, 'The policy of the settings can only add to them.'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function queriesOf(replaced: Introspected['columns']): string[] {
  const queries = replaced.flatMap(({ column, replacedBy = '', index, primaryKey }) => {
    if (index === undefined) return [];
    const place = parseColumnName(column);
    const key = primaryKey.map(quoteIdentifier).join(', ') || '1';
    const table = place.schema === 'public' ? quoteIdentifier(place.table) : qualifiedName(place);
    const sql = `select ${key} from ${table} where ${quoteIdentifier(replacedBy)} = $1 order by ${key} limit 20`;
    const sample = writtenShort({ ...place, column: replacedBy });
    return [{ name: `rows of ${shortTableName(place)} by ${shownPart(replacedBy)}`, sql, sample, index }];
  });
  return queries.length === 0
    ? []
    : [yaml({ queries }, 'Fill in the statements as the new release sends them; each must use its index.')];
}

const yaml = (value: object, comment: string): string =>
  `# ${visible(comment)}\n${stringify(value, { lineWidth: 110 }).trimEnd()}`;
