import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { readCode } from '../../../dev/stories/request';
import type { Facts } from '../../../contract/run/facts';
import type { Answer } from '../../../contract/run/messages';
import type { RolloutResult } from '../../../contract/run/outcome';
import {
  environments as environmentNames,
  roles as allRoles,
  type EnvironmentName,
  type Role,
} from '../../../contract/run/names';
import type { LocalSlack } from '../../../dev/local-slack/local-slack';
import { findPostgresFolder } from '../../../dev/servers/programs';
import { fillStackDatabase, startStackEnvironment, type StackEnvironment } from '../../../dev/stack/environment';
import { stackPeople } from '../../../dev/stack/people';
import { startStackSlack } from '../../../dev/stack/servers';
import { writeStackSettings, type StackSettings } from '../../../dev/stack/settings';
import { loadSettings } from '../../../worker/settings/settings';
import { startSlackButtons } from '../../../worker/slack-buttons';
import { startWorkers, type Workers } from '../../../worker/start-workers';
import { quietRuntime } from '../servers/quiet-runtime';
import { createDatabase, createNamespace, startRedis, workflowBundle, type TestDatabase } from '../servers/servers';

type Person = (typeof stackPeople)[number]['name'];

/** A target with two real environments, Slack, settings and a namespace of its own, and everybody who acts on it. */
export interface RolloutStage {
  client: Client;
  address: string;
  namespace: string;
  slack: LocalSlack;
  folder: string;
  environments: Record<EnvironmentName, StackEnvironment>;
  databases: Record<EnvironmentName, TestDatabase>;
  settings: { file: string; env: Record<string, string> };
  /** What the worker of production has said of clicks. */
  clicks: { message: string; because?: string }[];
  /** As a worker of production does; `work` does it, too. */
  hearButtons(): void;
  /** Nobody hears the buttons any more. */
  stopButtons(): Promise<void>;
  /** Workers in this process. */
  work(roles?: readonly Role[]): Promise<Workers>;
  start(order?: object, workflowId?: string): Promise<WorkflowHandle>;
  /** Waits until the status is as wanted; returns it. Fails early when a question stands open that is not wanted. */
  until(handle: WorkflowHandle, wanted: (facts: Facts) => boolean, limitMs?: number): Promise<Facts>;
  /** How it ended, as soon as it has. */
  resultOf(handle: WorkflowHandle): Promise<RolloutResult>;
  /** The newest code that this person got, read from their direct message. */
  codeOf(person: Person, after?: number): string | undefined;
  /** All of them, the oldest first. */
  codesOf(person: Person, after?: number): string[];
  decide(handle: WorkflowHandle, signal: string, input?: object): Promise<Answer>;
  /** Both approvers approve as soon as they are asked. */
  approve(handle: WorkflowHandle): Promise<void>;
  close(): Promise<void>;
}

export const shortDurations = {
  soak: '2 s',
  soakEvery: '1 s',
  trial: '1 s',
  monitor: '2 s',
  monitorEvery: '1 s',
  announceAhead: '100 ms',
  gateExpiry: '1 hour',
  gateGivesUp: '1 hour',
  maintenance: '1 minute',
};

/** For `changePlan`: the load test of a busy machine with little to prove. */
export const quickLoadTest = (plan: Record<string, unknown>): void => {
  Object.assign(plan['loadTest'] as object, { requests: 50, connections: 5, p95Ms: 5_000 });
};

type OfSettings = 'changePlan' | 'minimumSoak' | 'recipients' | 'planActions' | 'channels' | 'others';
export type StageOptions = Partial<Pick<StackSettings, OfSettings>> & {
  durations?: Record<string, string>;
};

const target = 'agent-api';

/** Whoever answers a question has done so by then. */
const patienceMs = 15_000;
const size = { owners: 10, sessions: 60, assistants: 60 };

/** About 3 s: two databases copied from a template, two Redis servers, two platforms. */
export async function openRolloutStage(options: StageOptions = {}): Promise<RolloutStage> {
  quietRuntime();
  const folder = await mkdtemp(join(tmpdir(), 'rubicon-stage-'));
  const [{ address, namespace }, slack, ...places] = await Promise.all([
    createNamespace(),
    startStackSlack(),
    ...environmentNames.map((name) => openPlace(name, folder)),
  ]);
  const [staging, production] = places as [Place, Place];
  const both = { staging: staging.environment, production: production.environment };
  const settings = writeStackSettings({
    ...{ folder, target, environments: both, slackApiUrl: slack.apiUrl, toolsFolder: findPostgresFolder() },
    durations: { ...shortDurations, ...options.durations },
    minimumSoak: options.minimumSoak ?? '1 s',
    ...(options.changePlan && { changePlan: options.changePlan }),
    ...(options.recipients && { recipients: options.recipients }),
    ...(options.channels && { channels: options.channels }),
    ...(options.others && { others: options.others }),
    ...(options.planActions && { planActions: options.planActions }),
  });
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace });
  const working: Workers[] = [];
  const hearing: (() => Promise<void>)[] = [];

  const settingsOf = (roles: readonly Role[]) =>
    loadSettings({ roles, file: settings.file, env: { ...process.env, ...settings.env } });
  const clicks: RolloutStage['clicks'] = [];
  const hear = (facts: unknown, message?: string): void =>
    void clicks.push(typeof facts === 'string' ? { message: facts } : { ...(facts as object), message: message ?? '' });
  const heard = { info: hear, warn: hear, error: hear };

  const stage: RolloutStage = {
    ...{ client, address, namespace, slack, folder, environments: both, settings, clicks },
    databases: { staging: staging.database, production: production.database },
    async work(roles = allRoles) {
      const parsed = settingsOf(roles);
      const workers = await startWorkers({
        ...{ connection: native, namespace, settings: parsed, roles },
        workflowBundle: await workflowBundle(),
      });
      working.push(workers);
      if (roles.includes('production')) stage.hearButtons();
      return workers;
    },
    start: (order = {}, workflowId = `${target}/drop-plaintext-api-keys/${Math.random().toString(36).slice(2, 8)}`) =>
      client.workflow.start('rollout', {
        ...{ taskQueue: 'rubicon', workflowId },
        args: [{ plan: 'drop-plaintext-api-keys', requestedBy: 'maria', ...order }],
      }),
    async until(handle, wanted, limitMs = 120_000) {
      const limitAt = Date.now() + limitMs;
      let facts: Facts | undefined;
      let isAskedAt = Infinity;
      for (;;) {
        facts = await handle.query<Facts>('status').catch(() => facts);
        if (facts !== undefined && wanted(facts)) return facts;
        isAskedAt = facts?.question === undefined ? Infinity : Math.min(isAskedAt, Date.now());
        if (Date.now() > Math.min(limitAt, isAskedAt + patienceMs))
          throw new Error(`not so within ${limitMs} ms: ${wanted.toString()}\n${seen(facts)}`);
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    },
    async resultOf(handle) {
      await stage.until(handle, ({ outcome }) => outcome !== undefined, 200_000);
      return (await handle.result()) as RolloutResult;
    },
    codeOf: (person, after) => stage.codesOf(person, after).at(-1),
    codesOf(person, after = 0) {
      const user = stackPeople.find(({ name }) => name === person)?.slackId ?? '';
      const codes = slack.messages({ user }).filter(({ ts }) => Number(ts) > after);
      return codes.flatMap((message) => readCode(message)?.code ?? []);
    },
    decide: (handle, signal, input = {}) => handle.executeUpdate('decide', { args: [{ signal, ...input }] }),
    async approve(handle) {
      const { gates } = await stage.until(handle, (facts) => facts.waiting?.for === 'approval');
      const loss = gates.at(-1)?.purpose === 'accept-loss' ? { acceptLoss: true } : {};
      for (const person of gates.at(-1)?.told ?? []) {
        const open = await handle.query<Facts>('status');
        if (open.waiting?.for !== 'approval') return;
        const answer = await stage.decide(handle, 'approve', { code: stage.codeOf(person as Person), ...loss });
        if (!answer.accepted) throw new Error(`${person}: ${answer.because}`);
      }
    },
    hearButtons: () => void hearing.push(startSlackButtons(settingsOf(['production']), client, heard)),
    async stopButtons() {
      await Promise.all(hearing.splice(0).map((stop) => stop()));
    },
    async close() {
      await stage.stopButtons();
      await Promise.all(working.map((workers) => workers.shutdown().catch(() => undefined)));
      await native.close();
      await connection.close();
      await Promise.all([staging.close(), production.close(), slack.close()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}

interface Place {
  environment: StackEnvironment;
  database: TestDatabase;
  close(): Promise<void>;
}

async function openPlace(name: EnvironmentName, folder: string): Promise<Place> {
  const template = {
    name: `stage_${name}`,
    fill: (url: string) => fillStackDatabase(url, name, target, size),
  };
  const [database, redis] = await Promise.all([createDatabase({ on: name, template }), startRedis()]);
  const environment = await startStackEnvironment({
    ...{ name, target, folder: join(folder, name), postgresUrl: database.url, redisUrl: redis.url, size },
    isFilled: true,
  });
  return {
    environment,
    database,
    close: async () => {
      await environment.platform.stop();
      await redis.stop();
    },
  };
}

function seen(facts: Facts | undefined): string {
  if (facts === undefined) return 'no status at all';
  const { steps, waiting, question, warnings, messages } = facts;
  const lines = steps.map(({ name, state, note }) => `${state} ${name}: ${note ?? ''}`);
  return [...lines, JSON.stringify({ waiting, question, warnings, messages }, null, 1)].join('\n');
}
