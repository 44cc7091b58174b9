import type { Command } from 'commander';

/** Where words are listed that stand under no other heading. */
export const firstGroup = 'Try and run:';

/** Under which heading the help lists each word, in the order of the headings. */
const groups = {
  [firstGroup]: ['demo', 'doctor', 'worker', 'completion'],
  'Write a plan:': ['plan'],
  'Start and steer a rollout:': ['start', 'hold', 'resume', 'answer', 'abort', 'rollback'],
  'See where it is:': ['list', 'status', 'why', 'report'],
  'Decide:': ['approve', 'reject'],
};

const id = 'agent-api/drop-plaintext-api-keys/2026-11';

/** By word: command lines that show what it is for, without the program's name. */
export const examples: Record<string, string[]> = {
  plan: ['plan check drop-plaintext-api-keys', 'plan new my-plan --drop sessions.owner_api_key'],
  'plan check': ['plan check plans/my-plan', 'plan check my-plan -o json'],
  'plan show': ['plan show my-plan', 'plan show my-plan --as runbook > runbook.md'],
  start: [
    'start --plan my-plan --requested-by maria --until preflight',
    'start --plan my-plan --requested-by maria --not-before 2026-11-24T22:00:00Z --wait "2 hours"',
  ],
  list: ['list --open', 'list --phase approval -o json'],
  status: [`status ${id}`, `status ${id} --watch`],
  why: [`why ${id}`],
  approve: [`approve ${id}`, `approve ${id} --code-file - < code.txt`],
  reject: [`reject ${id} --reason "a client still reads the old column"`],
  hold: [`hold ${id} --reason "incident in another service"`],
  resume: [`resume ${id}`],
  answer: [`answer ${id} retry`, `answer ${id} accept --reason "the machine was busy"`],
  abort: [`abort ${id} --reason "not today"`],
  rollback: [`rollback ${id} --requested-by otto --reason "clients report 401"`],
  report: [`report ${id}`, 'report --verify report.json'],
  completion: ['completion bash > ~/.local/share/bash-completion/completions/rubicon', 'completion fish | source'],
};

/** Headings and examples for the words that are registered. */
export function explain(root: Command): void {
  for (const [heading, names] of Object.entries(groups))
    for (const command of root.commands) if (names.includes(command.name())) command.helpGroup(heading);
  for (const command of root.commands) addExamples(command, command.name());
}

function addExamples(command: Command, path: string): void {
  const lines = examples[path] ?? [];
  if (lines.length > 0)
    command.addHelpText('after', ['', 'Examples:', ...lines.map((line) => `  $ npx rubicon ${line}`)].join('\n'));
  for (const inner of command.commands) addExamples(inner, `${path} ${inner.name()}`);
}

/** Below the list of words. */
export const helpAfter = `
Examples:
  $ npx rubicon demo
  $ npx rubicon start --plan my-plan --requested-by maria --until preflight
  $ npx rubicon status ${id} --watch
  $ npx rubicon why ${id}

Exit codes: 0 done; 1 failed; 2 usage or configuration; 3 refused, rejected, expired, stopped, aborted or rolled back;
4 not allowed; 5 still waiting; 130 interrupted (the rollout continues). status, why and report exit as the rollout stands.
Temporal is found as the temporal CLI finds it: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, … or its configuration file.`;
