import { captureIndex } from '../../adapters/catalogue/index-capture';
import type { PostgresClient } from '../../adapters/postgres/postgres';
import { runStatements } from '../../adapters/postgres/statements';
import { withTransaction } from '../../adapters/postgres/transaction';
import type { Plan } from '../../contract/plan/plan';
import { finding, type Finding } from '../../contract/run/findings';
import { shortName } from '../../contract/text/object-name';
import { indexStatements } from '../../sql/restore-indexes';
import type { Statement } from '../../sql/statement';
import { namingBlockers } from '../schema-change/name-blockers';
import { ddlLimits, acquireWithRetry, ddlOrder } from '../schema-change/acquire-with-retry';
import type { CaptureOf } from '../catalogue/captured-columns';
import { compareCatalogue } from '../catalogue/compare-catalogue';
import { finishFacts } from './finish-facts';
import type { Session } from '../environment/session';
import type { Dropped } from './dropped';

type CapturedIndex = CaptureOf<'index'>;

const nameOf = ({ schema, index }: CapturedIndex) => ({ schema, table: index.name });

/**
 * Builds each index by its captured definition while others read and write, then what was said of it, and compares. What an
 * earlier attempt has finished stays; what it has left invalid (it was killed, or the server was) is dropped first.
 */
export async function buildIndexes(session: Session, { plan, captured }: Dropped<'index'>): Promise<Finding[]> {
  const { client } = session;
  const findings: Finding[] = [];
  for (const each of captured) {
    await build(session, each, plan);
    const { catalogue } = each;
    if (catalogue === undefined) continue;
    await finishFacts(session, plan, { target: nameOf(each), before: catalogue, owner: '' });
    const target = nameOf(each);
    findings.push(...(await compareCatalogue(client, { check: `index ${shortName(target)}`, target }, catalogue)));
  }
  return findings;
}

/** Another index of that name is somebody's: neither dropped nor taken for ours. */
export async function checkNamesFree(client: PostgresClient, captured: readonly CapturedIndex[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { schema, index } of captured) {
    const found = await captureIndex(client, { schema, index: index.name });
    if (found === undefined || found.index.definition === index.definition) continue;
    const check = `index ${shortName({ schema, table: index.name })}`;
    const remedy = 'someone has made another one of this name: drop or rename that one, then answer "retry"';
    findings.push(finding(check, false, { expected: index.definition, found: found.index.definition, remedy }));
  }
  return findings;
}

async function build({ client, signal }: Session, captured: CapturedIndex, plan: Plan): Promise<void> {
  const { schema, table, index } = captured;
  const what = `building ${shortName(nameOf(captured))}`;
  await acquireWithRetry(ddlOrder(plan, { what, signal, oneSession: true }), async () => {
    const present = await captureIndex(client, { schema, index: index.name });
    const statements = indexStatements(
      { schema, table, indexes: [index] },
      present === undefined ? [] : [present.index],
    );
    for (const statement of statements) {
      if (isOutsideTransactions(statement)) await runStatements(client, [statement]);
      else await namingBlockers(client, [captured], () => alter(client, plan, statement));
    }
  });
}

/** A build that lets others write, and the tablespace that is set for it. */
const isOutsideTransactions = ({ sql }: Statement): boolean => / concurrently |default_tablespace/i.test(sql);

const alter = (client: PostgresClient, plan: Plan, statement: Statement): Promise<void> =>
  withTransaction(client, ddlLimits(plan), () => runStatements(client, [statement]));
