import type { Facts } from '../contract/run/facts';
import { columnNameSchema, parseColumnName, shortTableName } from '../contract/text/object-name';

/** How an auditor is told of what goes, by the kind of what a plan removes. */
interface KindWords {
  /** Where it is gone, after its names. */
  gone: string;
  /** What a final copy holds, one of them. */
  kept: 'owner' | 'value' | 'row';
  /** How a final copy was judged. */
  judged: string;
  /** Where on the disk it was, from its name; undefined: not in this database. */
  pagesOf: (name: string) => string | undefined;
}

const wholeName = (name: string): string => name;

const words: Record<NonNullable<NonNullable<Facts['plan']>['kind']>, KindWords> = {
  columns: {
    gone: 'no statement reaches them in production',
    kept: 'owner',
    judged: 'each pair proven in the database, decrypted and read back',
    pagesOf: (name) => (columnNameSchema.safeParse(name).success ? shortTableName(parseColumnName(name)) : name),
  },
  tables: {
    gone: 'no statement reaches them in production',
    kept: 'row',
    judged: 'each row by its primary key, decrypted and read back',
    pagesOf: wholeName,
  },
  rows: {
    gone: 'not in their table in production',
    kept: 'row',
    judged: 'each row by its primary key, decrypted and read back',
    pagesOf: (name) => /^((?:"[^"]*"|[^"])*?) where /.exec(name)?.[1] ?? name,
  },
  things: {
    gone: 'the check of the action that takes it away holds in production',
    kept: 'row',
    judged: 'none',
    pagesOf: () => undefined,
  },
};

export const kindWords = ({ plan }: Pick<Facts, 'plan'>): KindWords => words[plan?.kind ?? 'columns'];
