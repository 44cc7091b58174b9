import { readdirSync } from 'node:fs';
import { outcomes } from '../../contract/run/outcome';
import type { Loaded } from '../../contract/activities/loaded';
import { historiesFolder, readHistory, replay, textOf } from '../support/workflows/histories';
import { callsHoldingPlan, callsOf } from '../support/workflows/history-sizes';

const recorded = readdirSync(historiesFolder).filter((file) => file.endsWith('.json.gz'));

test('there is a history of each outcome', () => {
  expect(recorded).toEqual(expect.arrayContaining(outcomes.map((outcome) => `${outcome}.json.gz`)));
});

test.each(recorded)('the history of earlier days %s holds no plaintext key', (file) => {
  const text = textOf({ history: readHistory(file) });

  expect(text).toContain('"does":"Drop the plaintext API keys'); // it does read the payloads
  expect(text.match(/sk-(staging|production)-/)).toBeNull();
});

test('a history holds the plan once: where it was read', () => {
  const rollback = { history: readHistory('rolled-back.json.gz') };
  const read = callsOf(rollback).find(({ name }) => name === 'loadRollback');
  const { inFolders } = JSON.parse(read?.answer ?? '{}') as { inFolders: Pick<Loaded, 'plan'> };
  expect(callsHoldingPlan(rollback, inFolders.plan)).toEqual({ inputs: [], answers: ['loadRollback'] });
});

test.each(recorded)("today's workflows go on where %s stands", async (file) => {
  await replay(readHistory(file), file);
});
