import type { PostgresClient } from '../../adapters/postgres/postgres';
import { differences } from '../../adapters/catalogue/catalogue-differences';
import type { CatalogueDifference } from '../../adapters/catalogue/catalogue-differences';
import { snapshotOf } from '../../adapters/catalogue/catalogue-snapshot';
import type { CatalogueSnapshot, SnapshotTarget } from '../../adapters/catalogue/catalogue-snapshot';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import { withoutRolesThatAreGone } from '../../sql/captured-catalogue';
import type { Right } from '../../sql/rights';
import { readRoles } from './read-roles';

/** Differences that a message names; more of them say nothing more. */
const told = 8;

/**
 * Whether what came back is what went, in every attribute that this server's catalogue has. What no statement can give back
 * is told apart, and stops nothing: who had granted a right, that a constraint held for rows of then, triggers of the
 * server itself that a superuser had switched off.
 */
export async function compareCatalogue(
  client: PostgresClient,
  { check, target }: { check: string; target: SnapshotTarget },
  captured: CatalogueSnapshot,
): Promise<Finding[]> {
  const now = await snapshotOf(client, [target]);
  if (now.major !== captured.major) return [otherVersion(check, captured, now)];
  const before = withoutRolesThatAreGone(captured, await readRoles(client));
  const all = differences(before, now);
  const rights = all.filter(isRights);
  const inherent = all.filter((each) => isInherent(each, before, now));
  const unfinished = all.filter((each) => isUnfinished(each, before));
  const known = new Set([...rights, ...inherent, ...unfinished]);
  const others = all.filter((each) => !known.has(each));
  const lost = rights.filter((each) => JSON.stringify(whoMay(each.before)) !== JSON.stringify(whoMay(each.after)));
  const failed = [...others, ...lost];
  return [
    finding(check, failed.length === 0, {
      expected: 'as it was captured before the drop',
      found: failed.length === 0 ? 'the same' : textOf(failed),
      remedy: 'set by hand what differs (before the drop it was as "was" says), then answer "retry"',
      ...(failed.length > 0 && { evidence: failed.slice(0, told) }),
    }),
    ...rights.filter((each) => !lost.includes(each)).map(grantedByOthers),
    ...inherent.filter(({ attribute }) => attribute === 'tgenabled').map(switchedOn),
    ...unfinished.filter(({ object }) => !object.startsWith('index column ')).map(leftOut),
  ];
}

const textOf = (all: readonly CatalogueDifference[]): string =>
  all.slice(0, told).map(differs).join(', ') + (all.length > told ? `, ${all.length - told} more` : '');

/** Their values are in the evidence: a comment or a default can be long. */
function differs({ object, attribute, before }: CatalogueDifference): string {
  if (attribute !== null) return `other ${words[attribute] ?? attribute} of ${object}`;
  return before === undefined ? `${object} besides` : `no ${object}`;
}

/** For people; all others as the catalogue calls them. */
const words: Record<string, string> = {
  relacl: 'rights',
  attacl: 'rights',
  typacl: 'rights',
  atttypid: 'type',
  atttypmod: 'length',
  attcollation: 'collation',
  attnotnull: 'NOT NULL',
  attstattarget: 'statistics target',
  attstorage: 'storage',
  attcompression: 'compression',
  attoptions: 'options',
  reloptions: 'options',
  relowner: 'owner',
};

const isRights = ({ attribute }: CatalogueDifference): boolean =>
  attribute === 'relacl' || attribute === 'attacl' || attribute === 'typacl';

/** Who has which right, whoever has given it. */
const whoMay = (list: unknown): string[] =>
  [
    ...new Set(
      ((list ?? []) as Right[]).map(
        ({ grantee, privilege, grantable }) => `${grantee} ${privilege}${grantable ? '*' : ''}`,
      ),
    ),
  ].sort();

/** What no statement can give back, or is no definition. */
function isInherent(difference: CatalogueDifference, was: CatalogueSnapshot, is: CatalogueSnapshot): boolean {
  const { object, attribute, before, after } = difference;
  if (isNoDefinition(difference, is)) return true;
  if (attribute === 'convalidated') return was.objects[object]?.convalidated === true; // told by the validation
  return (
    attribute === 'definition' && is.objects[object]?.contype !== undefined && after === `${String(before)} NOT VALID`
  );
}

/** Whether two snapshots of one server say the same, but for what nobody has defined. */
export const isSameDefinition = (before: CatalogueSnapshot, after: CatalogueSnapshot): boolean =>
  before.major === after.major && differences(before, after).every((each) => isNoDefinition(each, after));

/**
 * What the server has noted for itself, by the order in which things were made. How an index stores a column is one of them: the server takes it from
 * the table's column, which is compared, or from the operator class, and after `alter column … set storage` may have noted
 * for numbers what holds for text. Whether a partition could pass a key on that it has from above depends on which of the
 * two was made first.
 */
function isNoDefinition(
  { object, attribute, before, after }: CatalogueDifference,
  { objects }: CatalogueSnapshot,
): boolean {
  const facts = objects[object];
  if (attribute === null && object.startsWith('TOAST of ')) return hasNoOptions(before) && hasNoOptions(after);
  if (object.startsWith('index column ') && (attribute === 'attstorage' || attribute === 'attcompression')) return true;
  if (attribute === 'tgenabled') return facts?.tgisinternal === true;
  return attribute === 'connoinherit' && facts?.conparentid !== undefined;
}

/** Whether a table has one the server decides, by its columns of today: those that were dropped long ago counted once. */
const hasNoOptions = (toast: unknown): boolean =>
  toast === undefined || (toast as { reloptions?: unknown }).reloptions == null;

/** An index that nobody has finished (a failed `create index concurrently`), and its columns: nothing used it. */
function isUnfinished({ object, attribute, after }: CatalogueDifference, was: CatalogueSnapshot): boolean {
  if (attribute !== null || after !== undefined) return false;
  const index = /^index column (.+)\.(?:"(?:[^"]|"")+"|[^."]+)$/s.exec(object)?.[1];
  const facts = was.objects[index === undefined ? object : `index ${index}`];
  return facts?.indrelid !== undefined && facts.indisvalid !== true;
}

const leftOut = ({ object, before }: CatalogueDifference): Finding => ({
  check: object,
  status: 'not covered',
  expected: 'an index that was never finished (invalid), as it was',
  found: 'left out: no statement makes an index that is not finished, and no query used it',
  remedy: `if it was to be there: "${String((before as { definition?: unknown }).definition)}"`,
});

const otherVersion = (check: string, before: CatalogueSnapshot, now: CatalogueSnapshot): Finding => ({
  check,
  status: 'not covered',
  expected: 'as it was captured before the drop',
  found: `PostgreSQL ${now.major}, whose catalogue says things in other words than that of ${before.major} did`,
  remedy: 'compare it by eye with what rubicon.dropped says',
});

const grantedByOthers = ({ object, before, after }: CatalogueDifference): Finding => ({
  check: `who granted the rights on ${object}`,
  status: 'not covered',
  expected: rightsText(before),
  found: rightsText(after),
  remedy:
    'everyone has the right that he had; this role could not grant as the other one: have that one grant it again, then the owner revoke what he gave instead',
});

const rightsText = (list: unknown): string =>
  ((list ?? []) as Right[])
    .map(({ grantee, grantor, privilege }) => `${privilege} to ${grantee} by ${grantor}`)
    .join(', ');

const switchedOn = ({ object }: CatalogueDifference): Finding => ({
  check: object,
  status: 'not covered',
  expected: 'switched off, as it was',
  found: 'switched on: only a superuser can switch off a trigger of the server itself',
  remedy:
    'if rows that are against the constraint have to be written: "alter table … disable trigger all" as superuser',
});
