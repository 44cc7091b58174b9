import { digestOf } from '../../contract/text/digest';
import { faultLines } from '../../contract/text/faults';
import type { Durations, Plan } from '../../contract/plan/plan';
import { defaultDurations, overriddenDurations } from '../../contract/plan/durations';
import { traitsOf, wordFor } from '../../contract/plan/removals';
import { planWords, removalLine } from '../../report/kinds';
import { printStatements } from '../../sql/statement';
import type { Cli } from '../terminal/word';
import { CliError } from '../terminal/cli-error';
import { exitCodes } from '../terminal/exit-codes';
import type { WordOptions } from '../terminal/options';
import { planRunbook } from './plan-runbook';
import { planSql, type PlanSql } from './plan-sql';
import { readPlan } from './read-plan';

export type ShowOptions = WordOptions & { as?: 'runbook' };

/**
 * What follows from a plan, for its author and for whoever is asked to approve it.
 *
 * @throws CliError with every fault of the plan
 */
export async function showPlan(cli: Cli, given: string, { output, as }: ShowOptions): Promise<void> {
  const read = await readPlan(given);
  if ('faults' in read) {
    throw new CliError(exitCodes.failed, `Expected a usable plan in ${read.file}, found:\n${faultLines(read.faults)}`);
  }
  const { plan } = read;
  if (as === 'runbook') return cli.terminal.out(planRunbook(plan));
  const derived = {
    digest: digestOf(plan),
    sql: planSql(plan),
    durationsOverridden: overriddenDurations(plan.durations),
  };
  cli.terminal.out(output === 'json' ? JSON.stringify({ ...derived, plan }, null, 2) : asText(plan, derived));
}

interface Derived {
  digest: string;
  sql: PlanSql;
  durationsOverridden: string[];
}

function asText(plan: Plan, { digest, sql, durationsOverridden }: Derived): string {
  const { name, does, release, revision, cache, approvals, durations } = plan;
  return [
    `${name}: ${does}`,
    `digest  ${digest}`,
    `release ${release.from} → ${release.to}`,
    ...(revision === undefined ? [] : [`revision in ${revision.table}: ${revision.from} → ${revision.to}`]),
    '',
    'Removes',
    ...removalLines(plan),
    ...(cache === undefined
      ? []
      : [`Flushes ${cache.flush.join(', ')}; no entry may hold ${cache.neverContains} afterwards`]),
    '',
    ...(traitsOf(plan).isInDatabase ? statementLines(plan, sql) : actionLines(plan)),
    'Waits (* = differs from the runbook)',
    ...durationLines(durations, durationsOverridden),
    '',
    'Approvals for production; the policy of the settings can only add to them',
    ...approvalLines(approvals),
  ].join('\n');
}

function statementLines({ byAction, revision, removes }: Plan, sql: PlanSql): string[] {
  const { hasValues } = traitsOf({ removes });
  return [
    ...(hasValues ? keepingLines(sql) : ['Freeze, final copy, backup: none, since no value is removed', '']),
    `Hide, ${planWords({ removes }).hidden}: ${hasValues ? 'anyone who still needs them notices' : 'remaining use is counted'}, in the trial that follows`,
    '',
    printStatements(sql.hide),
    ...(sql.apart.length === 0 ? [] : ['Then, each of them outside any transaction', '', printStatements(sql.apart)]),
    'Undo, in one transaction: automatic when the trial fails, and whenever the rollout ends before the drop',
    '',
    printStatements(sql.unhide),
    byAction?.drop === undefined
      ? 'The drop, in one transaction; before these, the state row turns from open to dropped'
      : `The drop: these in one transaction with the state row, then the action "${byAction.drop}" of the settings, to revision ${revision?.to ?? ''}`,
    '',
    printStatements(sql.drop),
    `Rollback: ${byAction?.restore === undefined ? '' : `the action "${byAction.restore}" of the settings; `}${wordFor({ removes })} as they were captured (${hasValues ? 'types, indexes, comments, grants), filled from copy and backup' : 'definition, comment, statistics targets), built without blocking writes'}; then`,
    '',
    sql.revisionBack.length === 0 ? '(no revision to set back)\n' : printStatements(sql.revisionBack),
  ];
}

const keepingLines = (sql: PlanSql): string[] => [
  'Freeze, in one transaction: writes to what will be deleted are refused',
  '',
  printStatements(sql.freeze),
  'Final copy, in one transaction, after the freeze has committed',
  '',
  printStatements(sql.copy),
];

/** What the platform does, in the order of the steps. */
const actionLines = ({ byAction }: Plan): string[] => [
  'Actions of the settings; the check of each tells the current state',
  `  out of use  ${byAction?.hide ?? ''}`,
  `  undo        ${byAction?.unhide ?? ''}: automatic when the trial fails, and whenever the rollout ends before the drop`,
  `  the drop    ${byAction?.drop ?? ''}: after the state row has turned from open to dropped`,
  '  rollback    none (restore: none)',
  '',
];

const removalLines = ({ removes, proof }: Plan): string[] => [
  ...removes.map((entry) => `  ${removalLine(entry)}`),
  ...(proof === undefined ? [] : [`  redundant where ${proof.trim()}`]),
];

function durationLines(durations: Durations, overridden: readonly string[]): string[] {
  const names = Object.keys(durations) as (keyof Durations)[];
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => {
    const other = overridden.includes(name);
    const usual = other ? ` (runbook: ${defaultDurations[name]})` : '';
    return `${other ? '*' : ' '} ${name.padEnd(width)}  ${durations[name]}${usual}`;
  });
}

function approvalLines(approvals: Plan['approvals']): string[] {
  const lines = Object.entries(approvals).map(([role, count]) => `  ${count} of ${role}`);
  return lines.length === 0 ? ['  as the policy says'] : lines;
}
