import { StatementFault } from './statement-fault';
import { meaningOf, type Node } from './tree';

/**
 * PostgreSQL's own grammar, compiled to WASM, and what writes its trees back as text. The only file that knows either
 * package. Loaded once and only where a plan is read: it takes 60 ms and 2 MB, and no workflow may contain it.
 */

interface Grammar {
  parseSync(text: string): unknown;
  deparseSync(tree: unknown, options: { pretty: boolean }): string;
}

let loaded: Grammar | undefined;

/** Needed once in a process before anything in this room is asked; further calls cost nothing. */
export async function loadGrammar(): Promise<void> {
  if (loaded !== undefined) return;
  const grammar = require('libpg-query') as typeof import('libpg-query');
  const { deparseSync } = require('pgsql-deparser') as typeof import('pgsql-deparser');
  await grammar.loadModule();
  loaded = {
    parseSync: grammar.parseSync,
    deparseSync: (tree, options) => deparseSync(tree as never, options),
  };
}

function grammar(): Grammar {
  if (loaded === undefined) throw new Error('expected the grammar to be loaded; call loadGrammar() first');
  return loaded;
}

/** The statements of a text, one tree each. @throws StatementFault if the server would not understand it */
export function parseStatements(text: string): Node[] {
  if (text.includes('\0')) throw new StatementFault('expected text, found a NUL', text.indexOf('\0'));
  const { stmts = [] } = parsed(text) as { stmts?: { stmt: Node }[] };
  return stmts.map(({ stmt }) => stmt);
}

function parsed(text: string): unknown {
  if (text.trim() === '') return {};
  const { parseSync } = grammar();
  try {
    return parseSync(text);
  } catch (error) {
    const { message, sqlDetails } = error as Error & { sqlDetails?: { cursorPosition?: number } };
    // Whatever is no complaint of the grammar comes from a tree that is too deep for the stack.
    if (sqlDetails === undefined) throw new StatementFault('expected a statement of usual depth, found a deeper one');
    throw new StatementFault(`expected SQL that PostgreSQL understands, found a ${message}`, sqlDetails.cursorPosition);
  }
}

/**
 * The text of a tree, on one line: what is run. Whatever was read is gone by then: comments, quoting, early ends.
 *
 * @throws StatementFault if the text would mean another tree to the server: then it must not run
 */
export function textOf(tree: Node): string {
  const text = writtenBack(tree);
  if (text !== undefined && isText(text, tree)) return text;
  throw new StatementFault(
    'expected a statement that can be written back as it was read, found one that cannot; write it in another way',
  );
}

function writtenBack(tree: Node): string | undefined {
  const { deparseSync } = grammar();
  try {
    return deparseSync([tree], { pretty: false });
  } catch {
    return undefined; // a form that it does not know
  }
}

function isText(text: string, tree: Node): boolean {
  try {
    const [again, ...more] = parseStatements(text);
    return again !== undefined && more.length === 0 && meaningOf(again) === meaningOf(tree);
  } catch (error) {
    if (error instanceof StatementFault) return false;
    throw error;
  }
}
