import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { approvalCode, type OwnFacts } from '../../../activities/decisions/approval-code';
import { dumpFile, lookupsFile } from '../../../activities/backup/backup-folder';
import { copyFile } from '../../../activities/backup/copy-folder';
import { identityOf } from '../../../activities/server-checks/check-server';
import { createDrop } from '../../../activities/removal/drop';
import type { RolloutDeps } from '../../../activities/decisions/rollout-decisions';
import { bindTo } from '../../../activities/decisions/voters';
import { openPostgres } from '../../../adapters/postgres/postgres';
import { readIdentity } from '../../../adapters/server/identity';
import type { Gate, Granted, OpenGate, Vote } from '../../../contract/run/decisions';
import { digestOf } from '../../../contract/text/digest';
import type { ServerIdentity } from '../../../contract/run/observed-state';
import { decide, type Decided } from '../../support/stages/decided';
import { serves } from '../../support/stages/serves';
import { readState } from '../../support/looks/database-state';
import { prepareDropUnrestored, takeOutOfUse, type ReadyToDrop } from '../../support/stages/ready-to-drop';
import {
  electorate,
  firstPlan,
  newRun,
  openSampleEnvironment,
  type SampleEnvironment,
} from '../../support/stages/sample-environment';

let stage: SampleEnvironment;
let ready: ReadyToDrop;
let decided: Decided;
const deps: RolloutDeps = { environment: () => stage.environment, electorate };
const drop = createDrop(deps);

beforeAll(async () => {
  stage = await openSampleEnvironment();
  const prepared = await prepareDropUnrestored(stage);
  decided = await decide(stage.environment, prepared, { name: 'production' });
  const { decision: _, ...rest } = await takeOutOfUse(stage, prepared, decided);
  ready = rest;
});
afterAll(() => stage.close());

/** A new opening makes the codes of the earlier ones worthless: those that follow are given for a new one. */
const decideAgain = async (): Promise<void> => {
  decided = await decide(stage.environment, ready, { name: 'production' });
};

/** Refused for `because`, and nothing at all is different afterwards. */
async function refuses(dropping: () => Promise<unknown>, type: string, because: RegExp): Promise<void> {
  const before = await readState(stage.database);
  await expect(dropping()).rejects.toMatchObject({ type, nonRetryable: true, message: expect.stringMatching(because) });
  await expect(readState(stage.database)).resolves.toEqual(before);
}

const undecided = (because: RegExp, change: Partial<Granted>) =>
  refuses(() => drop({ ...ready, decision: { ...decided.decision, ...change } }), 'NotDecided', because);

const dropNow = () => drop({ ...ready, decision: decided.decision });

const vote = (person: string, code: string): Vote => ({ person, roles: ['approver'], code, at: decided.gate.openedAt });

test('it is refused while the old release serves, or while nobody says which one does', async () => {
  const { application } = stage.environment;
  await serves(stage.environment, ready.plan.release.from);
  await refuses(
    dropNow,
    'WrongState',
    /^expected release "phase3" to serve, found status 200, release "phase2"; nothing was dropped/,
  );
  stage.environment.application = { ...application, url: 'http://127.0.0.1:9' };
  await refuses(
    dropNow,
    'WrongState',
    /^expected release "phase3" to serve, found no answer \(.*\); nothing was dropped/,
  );
  stage.environment.application = application;
});

test('it is refused without a gate, and without votes', async () => {
  await refuses(() => drop(ready), 'NotDecided', /found: no gate was opened; nothing was changed; answer "abort"/);
  await undecided(/valid approvals are missing: 2 more of approver/, { votes: [] });
});

test('it is refused with one vote, also if that comes twice', async () => {
  const [anna] = decided.votes as [Vote];
  await undecided(/missing: 1 more of approver/, { votes: [anna] });
  await undecided(/missing: 1 more of approver/, { votes: [anna, { ...anna, person: 'ben', at: 'later' }] });
});

test('it is refused with codes that somebody made up', async () => {
  const forged = ['0000-0000-0000-0000', 'K7Q2-9XWM-4T3H-PB6D', ''].map((code) => vote('anna', code));
  await undecided(/missing: 2 more of approver/, { votes: forged });
});

test("a code counts for the person that it was made for, whatever the vote's name is", async () => {
  const { codes } = decided;
  await undecided(/missing: 1 more of approver/, {
    votes: [vote('anna', codes.anna ?? ''), vote('ben', codes.anna ?? '')],
  });
});

test('the code of one who asked for it counts for nothing, also if the gate says that somebody else asked', async () => {
  const own = bindTo(electorate, await systemIdentifier());
  const forged: OpenGate = { ...decided.gate, requesters: [] };
  const maria = approvalCode(own, forged, 'maria');
  await undecided(/missing: 1 more of approver/, {
    gate: forged,
    votes: [vote('maria', maria), vote('anna', decided.codes.anna ?? '')],
  });
});

test('codes of another opening, purpose, evidence, plan, policy, server, key or expiry count for nothing', async () => {
  const own = bindTo(electorate, await systemIdentifier());
  const { gate } = decided;
  const otherKey = { id: 'test', secret: 'another approval key, also of at least 32 bytes' };
  const others: [Partial<Gate>, Partial<OwnFacts>][] = [
    [{ challenge: randomUUID() }, {}],
    [{ purpose: 'accept' }, {}],
    [{ evidenceDigest: digestOf('other') }, {}],
    [{ planDigest: digestOf('other') }, {}],
    [{ expiresAt: new Date(Date.now() + 3_600_000).toISOString() }, {}],
    [{ name: 'rollback' }, {}],
    [{}, { policyDigest: digestOf('other') }],
    [{}, { systemIdentifier: '1' }],
    [{}, { approvalKey: otherKey }],
  ];
  const votesBy = ([gateChange, ownChange]: (typeof others)[number]) =>
    ['anna', 'ben'].map((name) => vote(name, approvalCode({ ...own, ...ownChange }, { ...gate, ...gateChange }, name)));
  const before = await readState(stage.database);
  for (const votes of others.map(votesBy)) {
    const message = expect.stringMatching(/missing: 2 more of approver/);
    await expect(drop({ ...ready, decision: { gate, votes } })).rejects.toMatchObject({ type: 'NotDecided', message });
  }
  await expect(readState(stage.database)).resolves.toEqual(before);
  // That these codes would have counted but for the change:
  await expect(drop({ ...ready, decision: { gate, votes: votesBy([{}, {}]).slice(1) } })).rejects.toThrow(
    /missing: 1 more of approver/,
  );
});

test('a gate of another run, another name, purpose or plan is refused, although its codes are right', async () => {
  const elsewhere = await decide(stage.environment, { ...ready, run: newRun('elsewhere') }, { name: 'production' });
  await undecided(/the gate is of another run/, elsewhere);
  const rollback = await decide(stage.environment, ready, { name: 'rollback', purpose: 'accept-loss' });
  await undecided(/the gate is for "rollback" \(accept-loss\)/, rollback);
  const question = await decide(stage.environment, ready, { name: 'question: soak', purpose: 'accept' });
  await undecided(/the gate is for "question: soak" \(accept\)/, question);
  const other = firstPlan(() => ({ does: 'Something else' }));
  const otherPlan = await decide(stage.environment, { ...ready, ...other }, { name: 'q' });
  await undecided(/the gate is for another plan/, otherPlan);
});

test('it is refused after the expiry, by the clock of the database', async () => {
  const late = await decide(stage.environment, ready, {
    name: 'production',
    expiresAt: new Date(Date.now() - 1).toISOString(),
  });
  await undecided(/it has expired at 20/, late);
  const never = await decide(stage.environment, ready, { name: 'production', expiresAt: 'infinity' });
  await undecided(/it has expired at infinity/, never);
  await undecided(/its challenge was used before/, {}); // by these openings
  await decideAgain();
});

test('it is refused when policy or people of the worker have changed since', async () => {
  const policy = { ...electorate.policy, approvals: { approver: 2, 'release-manager': 1 } };
  const stricter = createDrop({ ...deps, electorate: { ...electorate, policy } });
  await refuses(
    () => stricter({ ...ready, ...decided }),
    'NotDecided',
    /missing: 2 more of approver, 1 more of release-/,
  );
  const fewer = createDrop({ ...deps, electorate: { ...electorate, people: electorate.people.slice(0, 2) } });
  await refuses(() => fewer({ ...ready, ...decided }), 'NotDecided', /missing: 2 more of approver/);
});

test('it is refused by a production worker without the approval key', async () => {
  const without = createDrop({ environment: deps.environment });
  await refuses(() => without({ ...ready, ...decided }), 'NotDecided', /found none on this worker/);
});

test('it is refused for a plan with another digest than the approved one', async () => {
  const changed = { ...ready.plan, removes: [{ column: 'usage_events.kind', replacedBy: 'amount' }] };
  await refuses(() => drop({ ...ready, ...decided, plan: changed }), 'WrongState', /found another digest/);
  const both = { plan: changed, planDigest: digestOf(changed) };
  await refuses(() => drop({ ...ready, ...decided, ...both }), 'BackupNotProven', /it is of plan/);
});

test('it is refused on the server of staging behind the URL of production', async () => {
  const staging = await openSampleEnvironment('staging');
  const mixedUp = { ...stage.environment, postgresUrl: staging.database.url };
  const before = await readState(staging.database);
  await expect(createDrop({ ...deps, environment: () => mixedUp })({ ...ready, ...decided })).rejects.toMatchObject({
    type: 'WrongState',
    message: expect.stringMatching(
      /^expected the primary of production of agent-api, found staging of agent-api; nothing was changed; correct/,
    ),
  });
  await expect(readState(staging.database)).resolves.toEqual(before);
  await staging.close();
});

test('it is refused on another server, database or timeline than preflight saw, whatever its marker says', async () => {
  const seen = await identity();
  await refuses(() => drop({ ...ready, identity: seen }), 'NotDecided', /no gate was opened/); // the server is right
  const others: [Partial<ServerIdentity>, string][] = [
    [{ systemIdentifier: '1' }, `system identifier ${seen.systemIdentifier} instead of 1`],
    [{ databaseOid: 1 }, `database ${seen.databaseOid} instead of 1`],
    [{ timeline: seen.timeline + 1 }, `timeline ${seen.timeline} instead of ${seen.timeline + 1}`],
  ];
  for (const [other, found] of others) {
    const because = new RegExp(`^expected the server that preflight saw, found ${found}; nothing was changed; correct`);
    await refuses(() => drop({ ...ready, ...decided, identity: { ...seen, ...other } }), 'WrongState', because);
  }
});

test('nothing can be written any more that would lose its owner', async () => {
  const write = stage.database.query(
    `insert into sessions (title, rubicon_hidden_owner_api_key) values ('open', 'key')`,
  );
  await expect(write).rejects.toMatchObject({ code: 'RB001' });
});

test('it is refused without the freeze, with half of it, and with another one than that of the copy', async () => {
  const { database } = stage;
  const trigger = 'trigger rubicon_freeze_insert_owner_api_key on sessions';
  const [made] = await database.query<{ comment: string }>(
    `select obj_description(oid, 'pg_trigger') as comment from pg_trigger where tgname = 'rubicon_freeze_insert_owner_api_key'`,
  );
  await database.query('alter table sessions disable trigger rubicon_freeze_insert_owner_api_key');
  await refuses(
    () => drop({ ...ready, ...decided }),
    'WrongState',
    /final copy was taken, found a damaged one; nothing/,
  );
  await database.query('alter table sessions enable always trigger rubicon_freeze_insert_owner_api_key');
  await database.query(`comment on ${trigger} is 'rubicon freeze another run of 2026-11-25T00:00:00.000Z'`);
  await refuses(() => drop({ ...ready, ...decided }), 'WrongState', /found a damaged one; nothing was changed/);
  await database.query(`comment on ${trigger} is '${made?.comment ?? ''}'`);
});

test('it is refused for columns that nobody has tried to do without', async () => {
  const { database } = stage;
  await database.query('alter table sessions rename rubicon_hidden_owner_api_key to owner_api_key');
  await refuses(
    () => drop({ ...ready, ...decided }),
    'WrongState',
    /tried without \(hidden\), found them inconsistent; nothing/,
  );
  await database.query('alter table sessions rename owner_api_key to rubicon_hidden_owner_api_key');
});

test('it is refused at another revision, and while a view needs the column', async () => {
  const { database } = stage;
  await database.query(`update alembic_version set version_num = '20260207_000009'`);
  await refuses(() => drop({ ...ready, ...decided }), 'RefusedByServer', /expected 1 changed rows, found 0: update/);
  await database.query(`update alembic_version set version_num = '20260201_000006'`);
  await database.query('create view owners as select rubicon_hidden_owner_api_key from sessions');
  await refuses(() => drop({ ...ready, ...decided }), 'RefusedByServer', /view (public\.)?owners depends on column/);
  await database.query('drop view owners');
});

test('it is refused without a backup, with one of another run, and with one that was never proven', async () => {
  await refuses(() => drop({ ...ready, ...decided, backup: 'none' }), 'BackupNotProven', /found none/);
  await refuses(
    () => drop({ ...ready, ...decided, backup: '../x' }),
    'BackupNotProven',
    /expected the name of a folder that Rubicon made/,
  );
});

test('it is refused without a final copy', async () => {
  await refuses(
    () => drop({ ...ready, ...decided, copy: 'none' }),
    'BackupNotProven',
    /the final copy "none", found none/,
  );
  await refuses(
    () => drop({ ...ready, ...decided, copy: '../x' }),
    'BackupNotProven',
    /the final copy "..\/x", found none/,
  );
});

test('it is refused when its state row was aborted meanwhile', async () => {
  const { database } = stage;
  await database.query(`update rubicon.rollout set state = 'aborted' where first_run = $1`, [ready.run.firstRun]);
  await refuses(() => drop({ ...ready, ...decided }), 'WrongState', /state row "open" for plan .*, found "aborted"/);
  await database.query(`update rubicon.rollout set state = 'open' where first_run = $1`, [ready.run.firstRun]);
});

test('it is refused when its challenge was used before, so a reset revives nothing', async () => {
  const used = await decide(stage.environment, ready, { name: 'production' });
  await stage.database.query('insert into rubicon.challenge (challenge) values ($1)', [used.gate.challenge]);
  await undecided(/its challenge was used before/, used);
  await decideAgain();
});

test('a final copy that is damaged is refused', async () => {
  const file = copyFile(stage.environment, ready.copy);
  const whole = readFileSync(file);
  appendFileSync(file, 'x');
  await refuses(
    () => drop({ ...ready, ...decided }),
    'BackupNotProven',
    /^expected the final copy \S+ unchanged .*, found: its/,
  );
  writeFileSync(file, whole);
});

test('last of all: a backup that is damaged after its proof is refused', async () => {
  appendFileSync(lookupsFile(stage.environment, ready.backup), 'x'); // a help only, so no reason to refuse
  appendFileSync(dumpFile(stage.environment, ready.backup), 'x');
  await refuses(
    () => drop({ ...ready, ...decided }),
    'BackupNotProven',
    /^expected backup \S+ proven and unchanged \(sha256 \w{12}\), found: the dump's sha256 is \w{12}; take a new backup$/,
  );
});

/** As preflight keeps it. */
async function identity(): Promise<ServerIdentity> {
  const postgres = openPostgres({ url: stage.database.url, applicationName: 'rubicon test identity' });
  const found = identityOf(await postgres.withClient(readIdentity));
  if (found === undefined) throw new Error('expected a superuser to read everything');
  return found;
}

const systemIdentifier = async (): Promise<string> => (await identity()).systemIdentifier;

test('it is refused when a definition has changed since the backup: a rollback would make the older one', async () => {
  const other = await openSampleEnvironment();
  const prepared = await prepareDropUnrestored(other);
  await other.database.query('alter table sessions alter column owner_api_key type varchar(300)');
  const out = await takeOutOfUse(other, prepared);
  await expect(createDrop({ environment: other.find, electorate })(out)).rejects.toMatchObject({
    ...{ type: 'WrongState', nonRetryable: true },
    message: expect.stringMatching(
      /found that sessions\.owner_api_key changed since .* nothing was changed; answer "abort"/,
    ),
  });
  await other.close();
});
