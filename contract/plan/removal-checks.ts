import { parseOwnName } from '../text/object-name';
import { partitionProblems } from './partition-checks';
import { duplicates, type PlanSections, type Problem } from './problem';
import { noRewrite } from './rewrites';
import { externalProblems } from './external-checks';
import { placeName } from './places';
import type { ColumnRemoval, DatabaseRemoval } from './removal';
import { traits } from './kinds';
import { isInDatabase, parseRemoval } from './removals';

type Removed = NonNullable<PlanSections['removes']>[number];

/** Checks of `removes`, and of the `proof` as far as it depends on what goes. */
export function removalProblems(plan: PlanSections): Problem[] {
  const { removes = [], proof } = plan;
  const parsed = removes.map(parseRemoval);
  const removals = parsed.filter(isInDatabase);
  if (removals.length < parsed.length) return externalProblems(plan);
  const others = removes.flatMap(indexProblems);
  if (others.length > 0) return others;
  const names = removals.map(placeName);
  return [
    ...removes.flatMap(kindProblems),
    ...removes.flatMap(partitionProblems),
    ...removes.flatMap(whereProblems),
    ...mixtureProblems(removals),
    ...duplicates(names, (index) => ['removes', index, traits[removals[index]!.kind].field]),
    ...removals.flatMap((removal, index) =>
      removal.kind === 'column' ? columnProblems(removal, names, ['removes', index]) : [],
    ),
    ...keepingProblems({ removes, proof }),
    ...databaseProblems(plan),
  ];
}

/** What an entry is, one word says. */
function kindProblems({ column, table, partition, index: name, replacedBy }: Removed, index: number): Problem[] {
  const at = ['removes', index];
  if (partition !== undefined || name !== undefined) return []; // judged by themselves
  if (column === undefined && table === undefined)
    return [
      {
        path: at,
        message: 'expected "column", "table", "partition", "index" or "external", found none; say what to remove',
      },
    ];
  if (table === undefined) return [];
  return [
    ...(column === undefined
      ? []
      : [{ path: at, message: 'expected "column" or "table", found both; a table takes its columns with it' }]),
    ...(replacedBy === undefined || column !== undefined
      ? []
      : [
          {
            path: [...at, 'replacedBy'],
            message: 'expected none beside "table", whose rows are kept as they are; leave it out',
          },
        ]),
  ];
}

/** An index is its name alone: it has no values that would have to be found again. */
function indexProblems({ index, ...entry }: Removed, place: number): Problem[] {
  if (index === undefined) return [];
  const others = Object.entries(entry).flatMap(([name, value]) => (value === undefined ? [] : [`"${name}"`]));
  if (others.length === 0) return [];
  const message = `expected "index" alone, found ${others.join(' and ')} beside it; leave it out: an index has no values`;
  return [{ path: ['removes', place], message }];
}

/** Whatever goes from a database is put out of sight by statements, and comes back from a copy. */
function databaseProblems({ byAction, restore }: PlanSections): Problem[] {
  const verbs = (['hide', 'unhide'] as const).filter((verb) => byAction?.[verb] !== undefined);
  return [
    ...verbs.map((verb) => ({
      path: ['byAction', verb],
      message:
        'expected none, since statements follow from what is removed; only an "external" resource is hidden by an action',
    })),
    ...(restore === undefined
      ? []
      : [{ path: ['restore'], message: 'expected none, since a copy is taken of what is removed; leave it out' }]),
  ];
}

/** The steps of one plan are of one kind, and so is what its approvers are told. */
function mixtureProblems(removals: readonly DatabaseRemoval[]): Problem[] {
  const words = removals.map(({ kind }) => traits[kind].plural);
  const [first] = words;
  const other = words.findIndex((word) => word !== first);
  const found = words[other];
  if (first === undefined || found === undefined) return [];
  return [
    {
      path: ['removes', other],
      message: `expected ${first} alone, as the first one is, found ${found}; give ${found} a plan of their own`,
    },
  ];
}

/** Rows of a table that stays, chosen by plain values. */
function whereProblems({ column, table, where }: Removed, index: number): Problem[] {
  if (where === undefined) return [];
  const path = ['removes', index, 'where'];
  if (column !== undefined || table === undefined)
    return [{ path, message: 'expected it beside "table" alone, whose rows it chooses; leave it out' }];
  const names = Object.keys(where);
  if (names.length === 0)
    return [{ path, message: 'expected a column and its value, found none; for all rows leave it out' }];
  return duplicates(names.map(parseOwnName), (index) => [...path, names[index]!]);
}

/** Either a proof speaks of all values, or they are all kept by their row. */
function keepingProblems({ removes = [], proof }: PlanSections): Problem[] {
  if (proof === undefined) {
    return removes.flatMap(({ replacedBy, column }, index) =>
      replacedBy === undefined || column === undefined
        ? []
        : [
            {
              path: ['removes', index, 'replacedBy'],
              message:
                'expected a "proof" beside it, found none; add it, or leave this out: values are kept by their row then',
            },
          ],
    );
  }
  const whole = removes.map((entry) => traits[parseRemoval(entry).kind]).find(({ savedUnit }) => savedUnit === 'row');
  if (whole !== undefined)
    return [{ path: ['proof'], message: `expected none beside ${whole.plural}, which nothing replaces; leave it out` }];
  const byRow = removes.flatMap(({ primaryKey }, index) => (primaryKey === undefined ? [] : [index]));
  if (byRow.length > 0 && byRow.length < removes.length)
    return [
      {
        path: ['removes', byRow[0]!, 'primaryKey'],
        message: 'expected it for each column or for none: all values of a plan are found again in one way',
      },
    ];
  return removes.flatMap(({ replacedBy }, index) =>
    replacedBy !== undefined
      ? []
      : [
          {
            path: ['removes', index],
            message:
              'expected "replacedBy", since the plan has a proof, found none; give this column a plan of its own',
          },
        ],
  );
}

/** Of a column: what replaces it, and what finds its values again, has to stay. */
const columnProblems = (removal: ColumnRemoval, removed: string[], path: PropertyKey[]): Problem[] => [
  ...replacementProblems(removal, removed, [...path, 'replacedBy']),
  ...primaryKeyProblems(removal, [...path, 'primaryKey']),
];

function primaryKeyProblems(removal: ColumnRemoval, path: PropertyKey[]): Problem[] {
  if (removal.keptBy !== 'row') return [];
  return removal.primaryKey
    .filter((name) => name === removal.column)
    .map((name) => ({ path, message: `expected columns that stay, found "${name}"` }));
}

function replacementProblems(removal: ColumnRemoval, removed: string[], path: PropertyKey[]): Problem[] {
  const { replacedBy } = removal;
  if (replacedBy === undefined) return [];
  const replacement = placeName({ ...removal, column: replacedBy });
  if (replacedBy === removal.column) return [{ path, message: noRewrite }];
  if (!removed.includes(replacement)) return [];
  return [{ path, message: `expected a column that stays, found "${replacedBy}", which this plan removes` }];
}
