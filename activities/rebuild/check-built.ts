import type { PostgresClient } from '../../adapters/postgres/postgres';
import { captureColumn, type ColumnCapture } from '../../adapters/catalogue/catalogue';
import { finding, type Finding } from '../../contract/run/findings';
import { shortName } from '../../contract/text/object-name';

/**
 * What a platform's tool has built otherwise than it was, before our own statements add what it has left out. Guards
 * against a migration that somebody has written by heart: a full index for a partial one, a default, NOT NULL. One finding a
 * column; reads only.
 */
export async function checkBuilt(
  client: PostgresClient,
  captured: readonly ColumnCapture[],
  action: string,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const before of captured) {
    const now = await captureColumn(client, before, before.column);
    const others = now === undefined ? ['not there'] : differences(before, now);
    findings.push(
      finding(`${shortName(before)} by the action "${action}"`, others.length === 0, {
        expected: 'as it was before the drop, or without what is built afterwards',
        found: others.join('; ') || 'the same',
        remedy: `fix the migration that the action "${action}" runs, then answer "retry"`,
      }),
    );
  }
  return findings;
}

function differences(before: ColumnCapture, now: ColumnCapture): string[] {
  const indexes = now.indexes.flatMap(({ name, definition }) => {
    const was = before.indexes.find((index) => index.name === name);
    if (was === undefined) return [`an index ${name} that was not there`];
    return was.definition === definition ? [] : [`index ${name} as "${definition}", which was "${was.definition}"`];
  });
  return [
    ...(now.type === before.type ? [] : [`type ${now.type}, which was ${before.type}`]),
    ...(now.notNull && !before.notNull ? ['NOT NULL, which it was not'] : []),
    ...(now.default !== null && now.default !== before.default ? ['another default'] : []),
    ...indexes,
  ];
}
