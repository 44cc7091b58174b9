import type { OpenGate, Run, Vote } from '../../../contract/run/decisions';
import type { EnvironmentFacts, Facts, StepRecord } from '../../../contract/run/facts';
import { stepIdOf } from './step-id';
import type { Finding } from '../../../contract/run/findings';
import type { CopyRehearsal } from '../../../contract/run/receipts';
import { someOf } from '../inputs/some';

/** Facts of a rollout as a real one leaves them, for tests of what people read. Instants are fixed. */

export const sampleRun: Run = {
  target: 'agent-api',
  workflowId: 'agent-api/drop-plaintext-api-keys/2026-11',
  firstRun: '0193-first-run',
};

const planDigest = '5f2b8c1e9a7d4f60b3c2a1908e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b';
const evidenceDigest = 'c0ffee1e9a7d4f60b3c2a1908e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b';
const dumpDigest = 'ba5eba111a7d4f60b3c2a1908e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b';

/** An approver's code; must be in nothing that is printed. */
export const usedCode = 'K7Q2-9XWM-4T3H-PB6D';

export const sampleGate: OpenGate = {
  ...sampleRun,
  name: 'production',
  purpose: 'approve',
  challenge: '7b0c8f0e-3f1d-4f6e-9d53-3f1b9d2a7c11',
  planDigest,
  evidenceDigest,
  policyDigest: 'a11ce',
  requesters: ['maria'],
  needs: { approver: 2 },
  openedAt: '2026-11-24T09:20:00.000Z',
  expiresAt: '2026-11-25T09:20:00.000Z',
  told: ['anna', 'ben'],
  notTold: [{ person: 'carl', because: 'has no Slack id in the settings' }],
};

const vote = (person: string, at: string): Vote => ({ person, roles: ['approver'], code: usedCode, at });

const step = (name: string, from: string, to: string, rest: Partial<StepRecord> = {}): StepRecord => ({
  id: stepIdOf(name),
  name,
  state: 'done',
  startedAt: `2026-11-${from}.000Z`,
  endedAt: `2026-11-${to}.000Z`,
  tries: 1,
  findings: [],
  ...rest,
});

const preflightFindings: Finding[] = [
  {
    check: 'production: server',
    status: 'passed',
    expected: 'a primary of database "agents"',
    found: 'PostgreSQL 16.14, primary',
  },
  {
    check: 'production: query "sessions of an owner"',
    status: 'passed',
    expected: 'no large table read whole',
    found: '50 values, p95 1.9 ms',
    plans: [
      { of: '47 values', text: 'Limit (1 to 9 rows)\n  -> Index Scan using by_hash on public.sessions (1 to 9 rows)' },
      { of: '3 values', text: 'Limit (20 rows)\n  -> Index Scan using by_date on public.sessions (58 rows)' },
    ],
  },
  {
    check: 'production: rows of sessions',
    status: 'passed',
    expected: 'no mismatch, no key without hash',
    found: '912,004 match, 311 public',
  },
  {
    check: 'production: rows of assistants',
    status: 'passed',
    expected: 'no mismatch, no key without hash',
    found: '88,120 match, 12 public',
  },
  {
    check: 'production: standby replica-1',
    status: 'passed',
    expected: 'replay within 1 min, no long reader',
    found: 'streaming, no lag, oldest reader 12 transactions old',
    remains: ['the standby "replica-1": pages and log'],
  },
  {
    check: 'production: write-ahead log',
    status: 'passed',
    expected: 'no slot that nobody reads',
    found: 'archive_mode on, no idle slot',
    remains: ['the archive of the write-ahead log (archive_mode is on)'],
  },
  {
    check: 'production: residual plaintext in key names',
    status: 'passed',
    expected: 'any number of keys like mcp_server:*: primary data, reported and never deleted',
    found: '41 keys whose name may hold what the plan removes from the database',
    remains: ['41 names of Redis keys like mcp_server:*, and their values: primary data, left alone'],
  },
  {
    check: 'staging: standby replica-of-staging',
    status: 'passed',
    expected: 'replay within 1 min, no long reader',
    found: 'streaming, no lag, no word of its readers',
    remains: ['the standby "replica-of-staging": pages and log'],
  },
  {
    check: 'production: Prometheus',
    status: 'not covered',
    expected: 'a source of metrics',
    found: 'none in the settings',
  },
];

const verified: Finding[] = [
  {
    check: 'cache entries of the old release',
    status: 'passed',
    expected: 'no value with field "owner_api_key"',
    found: '0 of 204 values',
  },
  {
    check: 'residual plaintext in key names',
    status: 'passed',
    expected: 'any number of keys like mcp_server:*: primary data, reported and never deleted',
    found: '43 keys whose name may hold what the plan removes from the database',
    remains: ['43 names of Redis keys like mcp_server:*, and their values: primary data, left alone'],
  },
];

const rehearsed = (extent: CopyRehearsal['extent'], rows: number, tables: number): CopyRehearsal => ({
  ...{ extent, passed: true, rows, tables, lacks: [] },
  notCovered: extent === 'sample' ? ["the platform's own actions"] : [],
  steps: [
    'freeze',
    'final copy',
    'hide',
    'drop',
    'assess',
    'rebuild',
    'refill',
    'finish',
    'end of the write guard',
  ].map((name) => ({ name, tookMs: 100 })),
  tookMs: extent === 'sample' ? 2_100 : 148_000,
  endedAt: extent === 'sample' ? '2026-11-23T09:00:16.000Z' : '2026-11-24T09:49:20.000Z',
});

const preparing: StepRecord[] = [
  step('load the plan', '23T09:00:00', '23T09:00:01', { note: 'digest 5f2b8c1e' }),
  step('take the target', '23T09:00:01', '23T09:00:01'),
  step('preflight', '23T09:00:01', '23T09:00:19', {
    findings: preflightFindings,
    note: '41 findings, none in the way; there and back on copies: staging, a sample of 1,044 rows: equal; production, a sample of 1,044 rows: equal',
  }),
  step('baseline', '23T09:00:19', '23T09:00:25', { note: 'p95 of sessions by owner 1.9 ms' }),
  step('staging: backup', '23T09:00:25', '23T09:01:10', { note: '34.1 MB, proven' }),
  step('staging: change', '23T09:01:10', '23T09:01:52'),
  step('staging: load test', '23T09:01:52', '23T09:02:20', { note: '1,000 requests, all succeeded, p95 61 ms' }),
];

const soaked = step('staging: soak', '23T09:02:20', '24T09:20:00', {
  note: '24 h healthy in 96 samples, 1 restart',
});

const openGateStep: StepRecord = {
  id: { name: 'approval', gate: 'production' },
  name: 'gate production',
  state: 'running',
  startedAt: '2026-11-24T09:20:00.000Z',
  tries: 1,
  findings: [],
  note: '1 of 2',
};

const identity = {
  systemIdentifier: '7302837465019283746',
  database: 'agents',
  databaseOid: 16_402,
  timeline: 1,
  version: '16.14',
};

const production: EnvironmentFacts = {
  identity,
  rows: [
    {
      table: 'sessions',
      column: 'owner_api_key',
      total: 912_315,
      match: 912_004,
      mismatch: 0,
      valueWithoutReplacement: 0,
      replacementWithoutValue: 0,
      public: 311,
    },
    {
      table: 'assistants',
      column: 'owner_api_key',
      total: 88_132,
      match: 88_120,
      mismatch: 0,
      valueWithoutReplacement: 0,
      replacementWithoutValue: 0,
      public: 12,
    },
  ],
  release: 'phase2',
  rehearsal: rehearsed('sample', 1_044, 3),
};

const staging: EnvironmentFacts = {
  ...production,
  identity: { ...identity, systemIdentifier: '7302837465019280000' },
  release: 'phase3',
};

/** Waits for the second of two approvals of production. */
export function waitingFacts(changes: Partial<Facts> = {}): Facts {
  return {
    kind: 'rollout',
    run: sampleRun,
    runId: '0193-this-run',
    order: { plan: 'drop-plaintext-api-keys', requestedBy: 'maria', reason: 'audit finding 4711' },
    requesters: ['maria'],
    plan: {
      name: 'drop-plaintext-api-keys',
      does: 'Drop the plaintext API keys; requests go on authenticating by sha256 hash.',
      digest: planDigest,
      removes: ['sessions.owner_api_key', 'assistants.owner_api_key'],
      ...{ kind: 'column', savedBy: 'replacement' },
      durationsOverridden: ['soak'],
    },
    startedAt: '2026-11-23T09:00:00.000Z',
    phase: 'approval',
    pastTheDrop: false,
    waiting: {
      for: 'approval',
      sentence: '2 approvals for production, 1 given',
      who: 'approvers: ben (told), carl (not told)',
      until: '2026-11-25T09:20:00.000Z',
      then: 'the gate expires and everything stays as it is',
      signals: [
        { name: 'approve', input: { code: 'the code of your message' }, does: 'one vote for production' },
        { name: 'reject', input: { reason: '…' }, does: 'ends the rollout, nothing is dropped' },
      ],
    },
    steps: [...preparing, soaked, openGateStep],
    environments: { staging, production },
    baseline: {
      at: '2026-11-23T09:00:25.000Z',
      queries: [{ name: 'sessions by owner', p50Ms: 0.8, p95Ms: 1.9, samples: 50 }],
      requests: {
        count: 48_211,
        p50Ms: 12,
        p95Ms: 61,
        p99Ms: 140,
        serverErrorShare: 0.0002,
        from: '2026-11-22T09:00:00.000Z',
        to: '2026-11-23T09:00:00.000Z',
      },
      refusedPerHour: 3,
      cacheHitShare: 0.93,
    },
    soak: { healthyMs: 86_400_000, neededMs: 86_400_000, samples: 96, restarts: 1, last: 'green', accepted: [] },
    gates: [sampleGate],
    votes: [vote('anna', '2026-11-24T09:31:00.000Z')],
    decisions: [{ gate: 'production', at: '2026-11-24T09:31:00.000Z', by: 'anna', decision: 'approve' }],
    messages: [
      { kind: 'approve', at: '2026-11-24T09:30:00.000Z', accepted: false, because: 'wrong code' },
      { kind: 'approve', at: '2026-11-24T09:31:00.000Z', accepted: true, because: 'counted: 1 of 2' },
    ],
    notCovered: ['production: Prometheus is not in the settings'],
    warnings: [],
    link: 'http://127.0.0.1:8233/namespaces/default/workflows/agent-api%2Fdrop-plaintext-api-keys%2F2026-11',
    ...changes,
  };
}

/** Has dropped the columns, watched for an hour and ended well. */
export function doneFacts(changes: Partial<Facts> = {}): Facts {
  const { waiting: _, ...before } = waitingFacts();
  return {
    ...before,
    phase: 'done',
    pastTheDrop: true,
    endedAt: '2026-11-24T11:12:40.000Z',
    holds: [
      { since: '2026-11-24T09:50:00.000Z', until: '2026-11-24T09:55:00.000Z', reason: 'incident in another service' },
    ],
    steps: [
      ...preparing,
      soaked,
      step('gate production', '24T09:20:00', '24T09:44:00', { note: 'approved by anna and ben' }),
      step('backup', '24T09:44:00', '24T09:49:30', {
        note: '1.21 GB, proven',
        failedTries: [{ at: '2026-11-24T09:46:00.000Z', because: ['the disk is full'], answer: 'retry' }],
      }),
      step('change', '24T09:59:00', '24T09:59:48', { note: 'maintenance for 31 s' }),
      step('drop', '24T10:00:02', '24T10:00:03', { tries: 2, note: 'locks held for 22 ms' }),
      step('production: verify and probe', '24T10:00:03', '24T10:00:09', { findings: verified }),
      step('monitor', '24T10:00:09', '24T11:12:30', { note: '120 samples, all green' }),
    ],
    environments: {
      staging: before.environments.staging,
      production: {
        ...production,
        release: 'phase3',
        backup: {
          id: '2026-11-24T09-44-00Z-0193',
          sizeBytes: 1_210_400_000,
          sha256: dumpDigest,
          tables: 14,
          rowCount: 3_402_118,
          takenAt: '2026-11-24T09:44:00.000Z',
          tookMs: 171_000,
          serverVersion: '16.14',
          clientVersion: '16.14',
          compression: 'brotli',
        },
        proof: {
          id: '2026-11-24T09-44-00Z-0193',
          sha256: dumpDigest,
          provenAt: '2026-11-24T09:49:30.000Z',
          tables: 14,
          rowCount: 3_402_118,
          destroyed: true,
          tookMs: 159_000,
          rehearsal: rehearsed('all rows', 3_402_118, 14),
        },
        copy: {
          id: 'copy.2026-11-24T09-59-50Z-0193',
          freeze: 'agent-api/drop-plaintext-api-keys/2026-11 0193-first-run 2026-11-24T09:59:49.000Z',
          pairs: 9_031,
          rows: 904_112,
          sizeBytes: 1_520_000,
          sha256: 'c0b1e9a7d4f60b3c2a1908e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5bc0b',
          takenAt: '2026-11-24T09:59:50.000Z',
          tookMs: 1_400,
        },
        drop: {
          droppedAt: '2026-11-24T10:00:03.000Z',
          statements: [
            "update public.alembic_version set version_num = '20260208_000007' where version_num = '20260201_000006'",
            'alter table public.assistants drop column owner_api_key',
            'alter table public.sessions drop column owner_api_key',
          ],
          attempts: 2,
          heldMs: 22,
          rows: { copied: 904_112, dropped: 904_098 },
        },
      },
    },
    monitor: {
      from: '2026-11-24T10:00:09.000Z',
      to: '2026-11-24T11:12:30.000Z',
      samples: 120,
      green: 120,
      red: 0,
      missing: 0,
      requests: 2_410,
      worst: { 'ownership failures': 0, 'server errors': 0.0004, 'p95 of requests': 64 },
    },
    votes: [vote('anna', '2026-11-24T09:31:00.000Z'), vote('ben', '2026-11-24T09:44:00.000Z')],
    decisions: [
      { gate: 'production', at: '2026-11-24T09:31:00.000Z', by: 'anna', decision: 'approve' },
      { gate: 'production', at: '2026-11-24T09:44:00.000Z', by: 'ben', decision: 'approve', reason: 'go' },
    ],
    destroyAt: '2026-12-24T11:12:40.000Z',
    outcome: 'done',
    because: 'the columns are gone from staging and production, and the application has been healthy for an hour',
    report: '/var/lib/rubicon/reports/agent-api-drop-plaintext-api-keys-2026-11.md',
    ...changes,
  };
}

/** Ended before anything was changed, since preflight found something. */
export function refusedFacts(): Facts {
  const { waiting: _, baseline: __, soak: ___, ...before } = waitingFacts();
  const obstacle: Finding = {
    check: 'production: rows of sessions',
    status: 'failed',
    expected: 'no key without hash',
    found: '17 rows with a key and no hash',
    remedy: 'run the hash back-fill, then start the rollout again',
  };
  const note = `${obstacle.check}: expected ${obstacle.expected}, found ${obstacle.found}; ${obstacle.remedy}`;
  return {
    ...before,
    phase: 'preflight',
    endedAt: '2026-11-23T09:00:19.000Z',
    steps: [
      ...preparing.slice(0, 2),
      step('preflight', '23T09:00:01', '23T09:00:19', {
        state: 'failed',
        findings: [...preflightFindings, obstacle],
        note,
      }),
    ],
    gates: [],
    votes: [],
    decisions: [],
    messages: [],
    outcome: 'stopped',
    because: `preflight: ${note}; nothing was changed`,
  };
}

/** The monitor found something; a person is asked. */
export function askingFacts(): Facts {
  const { outcome: _, because: __, endedAt: ___, report: ____, ...before } = doneFacts();
  const gate: OpenGate = { ...sampleGate, name: 'question: monitor', purpose: 'accept', needs: { 'on-call': 1 } };
  const signals = [
    { name: 'answer' as const, input: { choice: 'rollback', reason: '…' }, does: 'starts the rollback' },
    { name: 'answer' as const, input: { choice: 'retry', reason: '…' }, does: 'watches for another hour' },
  ];
  return {
    ...before,
    phase: 'monitor',
    steps: before.steps.map((record) =>
      record.name === 'monitor'
        ? { ...record, state: 'asking' as const, note: 'server errors: expected at most 0.01 share, found 0.31' }
        : record,
    ),
    question: {
      step: 'monitor',
      because: ['server errors: expected at most 0.01 share, found 0.31'],
      choices: [
        { choice: 'retry', does: 'watches for another hour', needsCode: false },
        { choice: 'accept', does: 'continues despite it', needsCode: true },
        { choice: 'rollback', does: 'starts the rollback', needsCode: false },
      ],
      recommended: 'rollback',
      state: 'maintenance off; data dropped',
      loss: 'keys of 41 rows written since the backup',
      ifNobodyAnswers: 'the rollout stays as it is and asks again every hour',
      undo: 'alter table public.sessions add column owner_api_key character varying(255);',
      askedAt: '2026-11-24T10:20:00.000Z',
      gate,
    },
    waiting: {
      for: 'answer',
      sentence: 'an answer, because "monitor" did not succeed',
      who: 'on-call: otto',
      then: 'it stays as it is and asks again every hour',
      signals,
    },
  };
}

/** Whatever a person or a broken server could put into a text. */
export const hostileText =
  '</code>`*bold*_it_ ```\n# head\n<script>alert(1)</script> [link](http://evil.example) <!channel> <@U1> | a | \u202egnp.exe \u0000 👩‍👩‍👧 ' +
  'x'.repeat(3_000);

/** Facts in which every text that somebody else writes is hostile, and every list is long. */
export function hostileFacts(): Facts {
  const facts = askingFacts();
  const many = <T>(make: (index: number) => T, count = someOf(300)): T[] =>
    Array.from({ length: count }, (_, i) => make(i));
  const finding = (index: number): Finding => ({
    check: `${index} ${hostileText}`,
    status: index % 2 === 0 ? 'failed' : 'unknown',
    expected: hostileText,
    found: hostileText,
    remedy: hostileText,
  });
  return {
    ...facts,
    run: { ...facts.run, workflowId: hostileText.slice(0, 900), target: hostileText },
    order: { plan: hostileText, requestedBy: hostileText, reason: hostileText },
    requesters: many(() => hostileText, 20),
    plan: {
      name: hostileText,
      does: hostileText,
      digest: planDigest,
      removes: many(() => hostileText, 50),
      ...{ kind: 'column', savedBy: 'replacement' },
      durationsOverridden: many(() => hostileText, 20),
    },
    held: { since: 'not a date', reason: hostileText },
    waiting: {
      for: hostileText,
      sentence: hostileText,
      who: hostileText,
      until: 'never',
      then: hostileText,
      signals: many((i) => ({ name: 'answer' as const, input: { [`${i}`]: hostileText }, does: hostileText }), 20),
    },
    question: {
      ...(facts.question as NonNullable<Facts['question']>),
      step: hostileText,
      because: many(() => hostileText, 50),
      choices: many(() => ({ choice: hostileText, does: hostileText, needsCode: true }), 9),
      recommended: hostileText,
      state: hostileText,
      loss: hostileText,
      ifNobodyAnswers: hostileText,
      undo: hostileText,
    },
    steps: many((index) => ({
      id: { name: 'trial' as const },
      name: `${index} ${hostileText}`,
      state: 'failed' as const,
      startedAt: 'x',
      tries: 1,
      findings: many(finding, 5),
      failedTries: many(() => ({ at: 'x', because: many(() => hostileText, 3) }), 2),
      note: hostileText,
    })),
    holds: many(() => ({ since: 'x', until: 'x', reason: hostileText })),
    gates: many(() => ({ ...sampleGate, name: hostileText }), 20),
    decisions: many(() => ({
      gate: hostileText,
      at: 'x',
      by: hostileText,
      decision: hostileText,
      reason: hostileText,
    })),
    messages: many(() => ({ kind: hostileText, at: 'x', accepted: false, because: hostileText })),
    notCovered: many(() => hostileText),
    warnings: many(() => hostileText),
    because: hostileText,
    link: 'javascript:alert(1)',
  };
}
