import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Environment } from '../../activities/environment/environment';
import { findingLine, type Finding } from '../../contract/run/findings';
import { columnsOf } from '../../contract/plan/removals';
import { differencesOf, differenceText, withoutTold } from './compare';
import { rehearsal, StepFailed, thereAndBack, type Journey } from './journey';
import type { Case } from './make/make-case';
import { roles } from './make/making';
import { statementsOf, without, writesOf, type Part } from './make/parts';
import type { Carried, Fault } from './carried';
import { planText, readPlan } from './make/plan-text';
import { passPreflight } from './pass-preflight';
import { kindOf } from './remedy';
import { preparedBy, type FuzzServer } from './server';
import { takeRows, takeSnapshot } from './snapshot';

/** What came of a case. `remedied`: kinds of findings whose remedies were executed first. */
export type Verdict = { remedied: string[] } & Outcome;

type Outcome =
  | { outcome: 'there and back' | 'put back' }
  /** Refused, and the finding says that there is no remedy. */
  | { outcome: 'beyond'; finding: string }
  | Fault
  /** What its plan removes needs an extension or a collation that this server lacks: nothing was run. */
  | { outcome: 'not on this server' }
  /** The generator made something that the server refuses: a fault of the machine itself. */
  | { outcome: 'not made'; text: string };

/** What a case is run with. */
export interface CaseOrder {
  /** Default: all that the server can have. */
  parts: readonly Part[];
  /** Whether the backup is restored into a throw-away server, which takes a second or two. */
  isProven?: boolean;
}

/** How long a case may take: what takes longer hangs. One that is proven is walked on two throw-away servers besides. */
const limitsMs = { usual: 180_000, proven: 300_000 };

/** Makes the database with these parts, and carries the plan there and back. */
export async function runCase(
  server: FuzzServer,
  made: Case,
  { parts, isProven = false }: CaseOrder,
): Promise<Verdict> {
  const database = `fuzz_${randomBytes(6).toString('hex')}`;
  const limitMs = isProven ? limitsMs.proven : limitsMs.usual;
  const told = { step: 'nothing', remedied: [] as string[] };
  const work = inDatabase(server, database, (client) =>
    carry({ server, database, client, told, parts, isProven }, made),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(
      () => resolve({ outcome: 'fault', kind: `hangs at ${told.step}`, text: `no end within ${limitMs / 1_000} s` }),
      limitMs,
    );
  });
  try {
    return { ...(await Promise.race([work, late])), remedied: told.remedied };
  } finally {
    clearTimeout(timer);
    await server.admin.query(`drop database if exists ${database} with (force)`); // ends whatever hangs
    await work.catch(() => undefined);
    rmSync(join(server.folder, database), { recursive: true, force: true });
  }
}

async function inDatabase<T>(server: FuzzServer, database: string, work: (client: Client) => Promise<T>): Promise<T> {
  await server.admin.query(`create database ${database} template fuzz_base`);
  const client = new Client({ connectionString: server.urlOf(database) });
  client.on('error', () => {}); // a dropped database ends it
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function carry(carried: Carried, made: Case): Promise<Outcome> {
  const { server, database, told } = carried;
  const refusal = await makeDatabase(carried, made);
  if (refusal !== undefined) return { outcome: 'not made', text: refusal };
  const text = planText(made, carried.parts);
  if (text === undefined) return { outcome: 'not made', text: 'nothing is left of the plan' };
  const journey: Journey = {
    ...{ environment: environmentOf(server, database, made), isProven: carried.isProven },
    ...{ run: { target: 'fuzz', workflowId: 'fuzz', firstRun: randomBytes(8).toString('hex') } },
    ...{
      told: [],
      twice: made.twice,
      stops: made.stops,
      onStep: (step) => (told.step = step),
      afterCopy: async () => {},
    },
    ...readPlan(text),
  };
  try {
    const end = await passPreflight(carried, journey);
    if (end !== undefined) return end;
    const foreseen = carried.isProven ? await rehearsal(journey) : undefined;
    return judged(await walk(carried, journey), foreseen);
  } catch (error) {
    return faultOf(told.step, error);
  }
}

/** There and back in earnest, and what differs then. */
async function walk({ server, database, client, told, parts }: Carried, journey: Journey): Promise<Outcome> {
  const { stops, plan } = journey;
  told.step = 'look before';
  const before = await takeSnapshot(server, database, client);
  const writes = writesOf(without(parts, new Set()));
  const afterCopy = async (): Promise<void> => {
    await writeAll(server.urlOf(database), writes);
    for (const [what, text] of await takeRows(client)) before.set(what, text);
  };
  try {
    await thereAndBack(writes.length === 0 ? journey : { ...journey, afterCopy });
  } catch (error) {
    return faultOf(error instanceof StepFailed ? error.step : told.step, error);
  }
  told.step = 'look after';
  const restored = new Set(stops ? [] : columnsOf(plan).map(({ schema, table }) => `${schema}.${table}`));
  const after = await takeSnapshot(server, database, client);
  const differences = differencesOf(withoutTold(before, after, journey.told), after, restored);
  if (differences.length === 0) return { outcome: stops ? 'put back' : 'there and back' };
  const kinds = new Set(differences.map(({ what }) => /^[A-Z ]+(?= )|^[a-z ]+(?= )/.exec(what)?.[0] ?? what));
  const text = differences.map(differenceText).join('\n');
  return { outcome: 'fault', kind: `differs: ${[...kinds].sort().join(', ')}`, text };
}

/** As the application: what is refused leaves everything as it was. */
async function writeAll(url: string, writes: readonly string[]): Promise<void> {
  for (const sql of writes) {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(sql).catch(() => undefined);
    await client.end();
  }
}

/** The rehearsal must see what goes wrong later, and nothing else. */
function judged(outcome: Outcome, foreseen: Finding[] | undefined): Outcome {
  if (foreseen === undefined) return outcome;
  const text = foreseen.map(findingLine).join('\n');
  const [, first] = foreseen; // after the verdict
  if (outcome.outcome === 'fault') {
    const word = foreseen.length > 0 ? 'foreseen' : 'not foreseen';
    return { ...outcome, kind: `${word}: ${outcome.kind}`, text: `${outcome.text}\n${text}` };
  }
  if (foreseen.length === 0) return outcome;
  return {
    outcome: 'fault',
    kind: `the rehearsal refuses what is removed: ${first ? kindOf(first) : 'no reason'}`,
    text,
  };
}

const faultOf = (step: string, error: unknown): Fault => {
  const message = error instanceof Error ? error.message : String(error);
  return { outcome: 'fault', kind: `refused at ${step}: ${withoutNames(message)}`, text: message };
};

/** What a message says, whatever the names and numbers. */
const withoutNames = (message: string): string =>
  message
    .replaceAll(/"(?:[^"]|"")*"/g, '…')
    .replaceAll(/\S*[0-9]\S*/g, '…')
    .slice(0, 120);

/** Returns what the server refused, if anything. */
async function makeDatabase({ client, database, told, parts }: Carried, made: Case): Promise<string | undefined> {
  told.step = 'make';
  const said = [
    ...preparedBy(made.worker, database).map((sql) => ({ part: 'prepared', sql })),
    ...statementsOf(without(parts, new Set())),
  ];
  for (const { part, sql } of said) {
    try {
      await client.query(sql);
    } catch (error) {
      return `${part}: ${error instanceof Error ? error.message : String(error)}: ${sql}`;
    }
  }
  return undefined;
}

function environmentOf(server: FuzzServer, database: string, { worker }: Case): Environment {
  const backupFolder = join(server.folder, database);
  mkdirSync(backupFolder, { recursive: true, mode: 0o700 });
  return {
    ...{ target: 'fuzz', name: 'staging', backupFolder, toolsFolder: server.binFolder },
    postgresUrl: server.urlOf(database, worker === 'least' ? roles.worker : undefined),
    application: {
      url: server.applicationUrl,
      health: { path: '/?release=old', release: 'release' },
      ...{ probeKey: 'none', actions: {}, releaseChecks: [] },
    },
  };
}
