import type { PlanSections, Problem } from './problem';

type Removed = NonNullable<PlanSections['removes']>[number];

/** Checks of an entry with `partition` or `of`. */
export function partitionProblems({ column, table, partition, of, replacedBy }: Removed, index: number): Problem[] {
  const at = ['removes', index];
  if (partition === undefined)
    return of === undefined
      ? []
      : [
          {
            path: [...at, 'of'],
            message: 'expected it beside "partition" alone, which it says the table of; leave it out',
          },
        ];
  const other = column !== undefined ? 'column' : table !== undefined ? 'table' : undefined;
  return [
    ...(other === undefined
      ? []
      : [
          {
            path: at,
            message: `expected "partition" alone, found "${other}", too; a partition takes its rows with it`,
          },
        ]),
    ...(of === undefined
      ? [
          {
            path: [...at, 'of'],
            message: 'expected the partitioned table that it is detached from, found none; write "of: <table>"',
          },
        ]
      : []),
    ...(replacedBy === undefined
      ? []
      : [
          {
            path: [...at, 'replacedBy'],
            message: 'expected none beside "partition", whose rows are kept as they are; leave it out',
          },
        ]),
  ];
}
