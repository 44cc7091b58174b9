import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePlanFile } from '../../../contract/plan/plan-file';

const name = 'drop-plaintext-api-keys';
const text = readFileSync(join(__dirname, '../../../plans', name, 'plan.yaml'), 'utf8');

const faultsWith = (field: 'from' | 'to', revision: string): string[] => {
  const others = field === 'from' ? `from: ${revision}, to: "7"` : `from: "6", to: ${revision}`;
  const parsed = parsePlanFile(
    name,
    text.replace(/^revision: .*$/m, `revision: { table: alembic_version, ${others} }`),
  );
  return 'plan' in parsed ? [] : parsed.faults.map((fault) => `${fault.place} ${fault.message}`);
};

test.each([
  'head',
  'heads',
  'HEAD',
  'base',
  'current',
  '"+1"',
  '"-1"',
  '"+2"',
  '"@head"',
  'audit@head',
  'ae10+1',
  'head-1',
  '"a:b"',
  '" head "',
])('revision %s is whatever it will be tomorrow: refused, on both sides', (revision) => {
  for (const field of ['from', 'to'] as const)
    expect(faultsWith(field, revision)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^plan\\.yaml:\\d+:\\d+ revision\\.${field}: expected the name of one revision, .* found "${revision.replace(/^"|"$/g, '').replace('+', '\\+')}"$`,
        ),
      ),
    ]);
});

test.each(['"20260208_000007"', 'ae1027a6acf', '"1.2.3"', 'add-audit-log', 'headless', 'V2__base', '2026-11-add'])(
  'revision %s is exactly one',
  (revision) => expect(faultsWith('to', revision)).toEqual([]),
);
