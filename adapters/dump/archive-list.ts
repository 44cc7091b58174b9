/** One line of an archive's table of contents. */
export interface ArchiveEntry {
  /** The archive's own number of it (PostgreSQL documentation, pg_restore). */
  id: string;
  /** The line as `pg_restore --use-list` takes it. */
  line: string;
  /** Kind, schema, name and owner; names can hold blanks, so only the kind can be told apart for sure. */
  description: string;
  /** Ids of entries that it needs. */
  dependsOn: string[];
}

/** Reads what `pg_restore --list --verbose` prints. */
export function parseArchiveList(text: string): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  for (const line of text.split('\n')) {
    const [, id, description] = /^(\d+); \d+ \d+ (.*)$/.exec(line) ?? [];
    const [, ids] = /^;\s+depends on: ([\d ]+)$/.exec(line) ?? [];
    if (id !== undefined && description !== undefined) entries.push({ id, line, description, dependsOn: [] });
    else if (ids !== undefined) entries.at(-1)?.dependsOn.push(...ids.trim().split(' '));
  }
  return entries;
}

/** Kinds that say nothing about rows, and that need what a throw-away server has not: roles, other servers, other rows. */
const kindsLeftOut = [
  ...['ACL', 'DEFAULT ACL', 'COMMENT', 'SECURITY LABEL', 'DATABASE', 'DATABASE PROPERTIES', 'TABLESPACE'],
  ...['POLICY', 'ROW SECURITY', 'TRIGGER', 'EVENT TRIGGER', 'RULE', 'FK CONSTRAINT', 'MATERIALIZED VIEW DATA'],
  ...['PUBLICATION', 'PUBLICATION TABLE', 'PUBLICATION TABLES IN SCHEMA', 'SUBSCRIPTION', 'SUBSCRIPTION TABLE'],
  ...['FOREIGN DATA WRAPPER', 'SERVER', 'USER MAPPING', 'FOREIGN TABLE'],
];
const leftOutKind = new RegExp(`^(?:${kindsLeftOut.join('|')}) `);

/** What a server can restore of an archive, and what it lacks for the rest. */
export interface ArchiveChoice {
  /** What to restore, in the archive's order. */
  entries: ArchiveEntry[];
  /** What the server lacks of the archive's extensions. */
  missingExtensions: string[];
}

/** Names of the extensions that the archive would create. */
export function extensionsOf(entries: readonly ArchiveEntry[]): string[] {
  return entries.flatMap((entry) => extensionOf(entry) ?? []);
}

/**
 * Chooses what to restore on a server that has only these extensions: everything that rows need. What needs something
 * left out is left out as well; if that is a table, its rows can't be compared, and the comparison will say so.
 */
export function chooseEntries(entries: readonly ArchiveEntry[], extensions: ReadonlySet<string>): ArchiveChoice {
  const leftOut = new Set<string>();
  for (const entry of entries) {
    const extension = extensionOf(entry);
    const isMissing = extension !== undefined && !extensions.has(extension);
    if (isMissing || leftOutKind.test(entry.description)) leftOut.add(entry.id);
  }
  closeOver(entries, leftOut);
  const missingExtensions = extensionsOf(entries).filter((extension) => !extensions.has(extension));
  return { entries: entries.filter(({ id }) => !leftOut.has(id)), missingExtensions };
}

/**
 * What {@link chooseEntries} leaves out although this server could have it, by whom it is restored on a full copy:
 * `behaviour` by the role that owns what was restored, `foreign keys` without reading the rows, `rights` by a superuser,
 * after everything has its owner, since none of it runs code of the database. Event triggers last: they watch the others.
 * `elsewhere` is in no copy: what names other servers, and their passwords.
 */
export function chooseRest(
  entries: readonly ArchiveEntry[],
  extensions: ReadonlySet<string>,
): Record<'behaviour' | 'foreign keys' | 'rights' | 'elsewhere', ArchiveEntry[]> {
  const unusable = new Set<string>();
  for (const { id, description } of entries) {
    const extension = extensionOf({ description });
    if ((extension !== undefined && !extensions.has(extension)) || elsewhere.test(description)) unusable.add(id);
  }
  closeOver(entries, unusable);
  const of = (kinds: RegExp): ArchiveEntry[] =>
    entries.filter(({ id, description }) => kinds.test(description) && !unusable.has(id));
  const rights = of(/^(?:ACL|DEFAULT ACL|COMMENT|PUBLICATION|PUBLICATION TABLE|PUBLICATION TABLES IN SCHEMA) /);
  return {
    behaviour: of(/^(?:POLICY|ROW SECURITY|TRIGGER|RULE) /),
    'foreign keys': of(/^FK CONSTRAINT /),
    elsewhere: entries.filter(({ description }) => elsewhere.test(description)),
    rights: [...rights.filter(({ description }) => !ofDatabase.test(description)), ...of(/^EVENT TRIGGER /)],
  };
}

/** What is on other servers, or names the database, which has another name here. */
const elsewhere = /^(?:FOREIGN DATA WRAPPER|SERVER|USER MAPPING|FOREIGN TABLE|SUBSCRIPTION|SUBSCRIPTION TABLE) /;
const ofDatabase = /^(?:ACL|COMMENT) (?:-|\S+) DATABASE /;

/** What takes a superuser, and runs no code of the dump: schemas, and the extensions of this machine in them. */
export const isGroundwork = ({ description }: ArchiveEntry): boolean => /^(?:SCHEMA|EXTENSION) /.test(description);

/** Adds what needs one of them. A dependency can stand after what depends on it: until nothing more is found. */
function closeOver(entries: readonly ArchiveEntry[], leftOut: Set<string>): void {
  for (let before = -1; before !== leftOut.size;) {
    before = leftOut.size;
    for (const entry of entries) if (entry.dependsOn.some((id) => leftOut.has(id))) leftOut.add(entry.id);
  }
}

function extensionOf({ description }: Pick<ArchiveEntry, 'description'>): string | undefined {
  return /^EXTENSION - (.+?) *$/.exec(description)?.[1];
}
