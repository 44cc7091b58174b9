import { visible } from '../contract/text/plain-text';

/** One statement, as it is run and as people read it. Several are run in their order. */
export interface Statement {
  /** Without a semicolon at its end. */
  sql: string;
  /** One sentence for the reader of `plan show`. */
  why: string;
  /** Rows that it must change, no more and no fewer; otherwise nothing of its transaction may stay. */
  changes?: number;
}

/** Statements as a person runs them in psql: reason, statement, rows to expect. */
export const printStatements = (statements: readonly Statement[]): string =>
  statements
    .map(({ sql, why, changes }) => {
      const rows = changes === undefined ? '' : ` -- exactly ${changes} ${changes === 1 ? 'row' : 'rows'}`;
      return `-- ${visible(why)}\n${sql};${rows}\n`;
    })
    .join('\n');

/** The same to paste, without reasons. */
export const pasteable = (statements: readonly Statement[]): string =>
  statements.map(({ sql }) => `${sql};`).join('\n');
