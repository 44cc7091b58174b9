import { digestOf } from '../../contract/text/digest';
import { codeBlock, codeSpan } from '../../contract/text/markdown-text';
import { shortTableName } from '../../contract/text/object-name';
import { nameOfRemoval, removalsOf, traitsOf, wordFor } from '../../contract/plan/removals';
import type { Plan } from '../../contract/plan/plan';
import { planWords } from '../../report/kinds';
import { qualifiedName, quoteIdentifier } from '../../sql/identifier';
import { isCompared } from '../../sql/saved-values/kept-by';
import { proofSql } from '../../sql/saved-values/proof';
import { printStatements, type Statement } from '../../sql/statement';
import { planSql, type PlanSql } from './plan-sql';

/**
 * A plan as a written procedure (Markdown), for whoever has to do it by hand, or wants to know what is done. By hand much
 * of it rests on discipline: nobody verifies approvals at the effect, and nothing survives a crash of the person.
 */
export function planRunbook(plan: Plan): string {
  const sql = planSql(plan);
  const { name, does, release, durations } = plan;
  const { hide = '', unhide = '', drop = '' } = plan.byAction ?? {};
  const { plural: word, isInDatabase, hasValues, canBeRestored } = traitsOf(plan);
  const chapters: string[][] = [
    ['Look first, in staging and in production', ...lookFirst(plan)],
    ...(hasValues ? [['Back up, and prove it', ...backUp(plan)]] : isInDatabase ? [noteDown(plan)] : []),
    [
      `Deploy ${release.to}, in maintenance`,
      `${release.to} must work with and without the ${word}${hasValues ? `; ${release.from} breaks without them` : ''}.`,
      ...cacheLines(plan, 'Flush before, deploy, flush again: '),
      'Probe, then lift maintenance.',
    ],
    ...(isInDatabase
      ? [
          ...(hasValues ? keep(sql) : []),
          [
            hasValues
              ? `Hide: anyone who still needs the ${word} notices`
              : `Hide: remaining use of the ${word} is counted`,
            transaction(sql.hide),
            ...(sql.apart.length === 0 ? [] : ['Then, outside any transaction:', fenced(printStatements(sql.apart))]),
            'Probe. Anything red: undo at once:',
            transaction(sql.unhide),
          ],
        ]
      : [['Out of use', `Action \`${hide}\`, then its check. Probe. Anything red: \`${unhide}\`, at once.`]]),
    [
      `Try without for ${durations.trial}`,
      'Watch errors, latencies and the log. Red, or unknown: undo, as above.',
      ...(isInDatabase && !hasValues
        ? ['Compare `idx_scan` of `pg_stat_all_indexes` with what it was when they were hidden; on each standby, too.']
        : []),
    ],
    ['Approvals', `For production: ${approvals(plan)}; none of them has asked for it.`],
    [
      'Drop: the point of no return',
      ...(!isInDatabase
        ? [`Action \`${drop}\`, then its check.`]
        : plan.byAction?.drop === undefined
          ? ['With `set lock_timeout = …` below a second, retried until it gets the lock.', transaction(sql.drop)]
          : [
              'The columns get their names back, then the migration tool drops them, to exactly this revision:',
              transaction(sql.drop),
              `action \`${plan.byAction.drop}\`, revision \`${plan.revision?.to ?? ''}\``,
            ]),
    ],
    ['Verify', ...verifyLines(plan)],
    [`Watch for ${durations.monitor}`, 'Compare with the time before.'],
    ...(canBeRestored
      ? [
          [
            'The rollback, rehearsed in staging before production is touched',
            planWords(plan).rebuilt,
            ...(sql.revisionBack.length === 0 ? [] : [transaction(sql.revisionBack)]),
            ...cacheLines(plan, `Flush, deploy ${release.from}, flush again: `),
          ],
          ...(hasValues
            ? [
                [
                  'At their date',
                  'Destroy the identity of backup and final copy first, then the files; write down what and when.',
                ],
              ]
            : []),
        ]
      : [['The rollback', planWords(plan).rebuilt]]),
  ];
  const text = chapters.map(([title = '', ...parts], index) => `## ${index + 1}. ${title}\n\n${parts.join('\n\n')}`);
  const order = canBeRestored
    ? `In staging first: all but the approvals; then the rollback, the change again, and ${durations.soak} of soak. Then the approvals, and the same in production${hasValues ? ', with a backup and a final copy of its own' : ''}.`
    : `In staging first: all but the approvals, and ${durations.soak} of soak. Then the approvals, and the same in production.`;
  return [`# ${name}, by hand`, does, `Plan digest \`${digestOf(plan)}\`.`, order, ...text].join('\n\n');
}

const noteDown = ({ removes }: Plan): string[] => [
  'Note the definitions',
  `\`select pg_get_indexdef(…)\`, comment, tablespace and statistics targets of ${removes.map((each) => codeSpan(nameOfRemoval(each))).join(', ')}. No value is removed, so no backup is needed.`,
];

const keep = (sql: PlanSql): string[][] => [
  ['Freeze: writes to what will be deleted are refused', transaction(sql.freeze)],
  [
    'Final copy, after the freeze has committed',
    'Encrypt the output as it is written (`| age -r …`), keep it apart from its identity, and read it back.',
    transaction(sql.copy),
  ],
];

function lookFirst({ removes, proof, revision, durations, queries }: Plan): string[] {
  const removals = removalsOf({ removes });
  const counts = removals.filter(isCompared).map((removal) => {
    const columns = { removed: removal.column, replacement: removal.replacedBy };
    const [removed, replacement] = [columns.removed, columns.replacement].map(quoteIdentifier);
    const wrong = `(${removed} is not null and ${replacement} is null) or (${removed} is not null and ${replacement} is not null and not coalesce(${proofSql(proof ?? '', columns)}, false))`;
    return {
      sql: `select count(*) from ${qualifiedName(removal)} where ${wrong}`,
      why: `Rows of ${shortTableName(removal)} whose value would be lost: 0`,
    };
  });
  return [
    ...(revision === undefined ? [] : [`The revision in ${codeSpan(revision.table)} is exactly \`${revision.from}\`.`]),
    traitsOf({ removes }).isInDatabase
      ? `No transaction older than ${durations.longTransaction}, no view, function, trigger, policy or publication that depends on the ${wordFor({ removes })}, no lagging standby.`
      : 'The check of the action that undoes the hiding holds, and no other one.',
    ...(counts.length === 0 ? [] : [fenced(printStatements(counts))]),
    ...(queries.length === 0 ? [] : [`Indexes used: ${queries.map(({ index }) => `\`${index}\``).join(', ')}.`]),
  ];
}

const backUp = ({ removes }: Plan): string[] => [
  `Dump the database (\`pg_dump -Fc -Z1\`, encrypted as it is written), note the definitions of ${removes.map((each) => codeSpan(nameOfRemoval(each))).join(', ')} with their indexes, comments and rights.`,
  'Restore it into a server of its own and compare rows by fingerprint. `pg_restore --list` proves nothing.',
];

const cacheLines = ({ cache }: Plan, how: string): string[] =>
  cache === undefined
    ? []
    : [
        `${how}SCAN + UNLINK of ${cache.flush.map((pattern) => `\`${pattern}\``).join(', ')}; no entry may hold \`${cache.neverContains}\` afterwards. Never FLUSHDB.`,
      ];

const verifyLines = ({ probes, revision, removes }: Plan): string[] => [
  `The ${wordFor({ removes })} are gone${revision === undefined ? '' : `, the revision is \`${revision.to}\``}.`,
  ...(probes.length === 0
    ? []
    : [probes.map(({ name, path, expect }) => `- ${name}: \`${path}\` answers ${expect.status}`).join('\n')]),
];

const approvals = ({ approvals: needs }: Plan): string =>
  Object.entries(needs)
    .map(([role, count]) => `${count} of ${role}`)
    .join(', ') || 'as the policy says';

const transaction = (statements: readonly Statement[]): string =>
  fenced(`begin;\n\n${printStatements(statements)}\ncommit;`);

const fenced = (text: string): string => codeBlock(text.trim(), 'sql');
