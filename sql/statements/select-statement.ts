import type { DatabaseRemoval } from '../../contract/plan/removal';
import { parseStatements, textOf } from './grammar';
import { located } from './located';
import { reachOf, type Reach } from './reach';
import { keepFromRemoved } from './removed-data';
import { selectDialect } from './select-dialect';
import { StatementFault } from './statement-fault';
import { mapTree, node, partsOf, systemName, type Node } from './tree';
import { walk } from './walk';

/** A select of a plan that may run: once the server has been asked about its names, see `Reach`. */
export interface SelectStatement {
  /** Written anew from its tree: functions by the system's names, tables with their schemas. */
  sql: string;
  /** Whether it has `$1`. */
  hasParameter: boolean;
  /** Operators that it uses, by their symbols. */
  operators: string[];
  reach: Reach;
}

/**
 * Reads one select of a plan that removes `removals`.
 *
 * @throws StatementFault with the first thing that it may not hold
 */
export const readSelect = (text: string, removals: readonly DatabaseRemoval[]): SelectStatement =>
  located('', text, (sql) => {
    const [statement, ...more] = parseStatements(sql);
    if (statement === undefined || more.length > 0)
      throw new StatementFault(`expected one select, found ${statement === undefined ? 'none' : more.length + 1}`);
    walk(statement, selectDialect);
    const tree = structuredClone(statement);
    const reach = reachOf(tree);
    keepFromRemoved(reach, removals);
    return { sql: textOf(mapTree(tree, ofSystem)), reach, ...used(tree) };
  });

/** Types and operators are left to the session's path, which is ours: those of extensions have no place in the system. */
const ofSystem = (kind: string, fields: Node[string]): Node | undefined =>
  kind === 'FuncCall'
    ? node(kind, { ...fields, funcname: systemName(partsOf(fields['funcname']).at(-1) ?? '') })
    : undefined;

function used(tree: Node): Pick<SelectStatement, 'hasParameter' | 'operators'> {
  let hasParameter = false;
  const operators = new Set<string>();
  mapTree(tree, (kind, { kind: form, name, operName }) => {
    hasParameter ||= kind === 'ParamRef';
    const symbol = partsOf(kind === 'A_Expr' ? name : operName).at(-1);
    if (symbol !== undefined) operators.add(symbol);
    if (/BETWEEN/.test(String(form))) for (const each of ['<', '<=', '>', '>=']) operators.add(each);
    return undefined;
  });
  return { hasParameter, operators: [...operators].sort() };
}
