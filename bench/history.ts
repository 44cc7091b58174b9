import { basename } from 'node:path';
import { readdirSync } from 'node:fs';
import { historySizes } from '../test/support/workflows/history-sizes';
import { historiesFolder, readHistory } from '../test/support/workflows/histories';
import { markdownTable } from './markdown-table';

/**
 * What a recorded history takes, in kB by activity: `npx tsx bench/history.ts [outcome…]`, all outcomes if none is named.
 * Needs no server. Test orders send a large message on purpose; it counts in the total.
 */
const names = process.argv.slice(2);
const files = readdirSync(historiesFolder).filter(
  (file) => names.length === 0 || names.includes(basename(file, '.json.gz')),
);
const kB = (bytes: number): string => (bytes / 1_000).toFixed(1);

for (const file of files) {
  const { events, bytes, activities } = historySizes({ history: readHistory(file) });
  console.log(`\n## ${basename(file, '.json.gz')}: ${events} events, ${kB(bytes)} kB\n`);
  const rows = activities.map(({ name, calls, inputBytes, resultBytes }) => [
    name,
    String(calls),
    kB(inputBytes),
    kB(resultBytes),
  ]);
  console.log(markdownTable(['activity', 'calls', 'inputs, kB', 'answers, kB'], rows));
}
