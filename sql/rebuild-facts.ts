import { quoteIdentifier, quoteLiteral } from './identifier';
import type { Statement } from './statement';

/**
 * What stands in the catalogue beside a definition, and does not come with it: comments, labels, statistics targets,
 * owners. From what is not as it was, attribute by attribute.
 */
export interface Difference {
  /** Its type and identity by `pg_identify_object`, such as `table column s.t.c`. */
  object: string;
  /** Null = the whole object: it is there on one side only. */
  attribute: string | null;
  before: unknown;
  after: unknown;
}

/** Nothing for what a statement can't set; the comparison at the end tells that. */
export function factStatements(differences: readonly Difference[]): Statement[] {
  return differences.flatMap((difference) => {
    const statements =
      difference.attribute === null ? wholeObject(difference) : oneAttribute(difference, difference.attribute);
    return statements.map((sql) => ({ sql, why: `${difference.object}, as it was` }));
  });
}

type Facts = Record<string, unknown>;

/** Kinds that a comment or label can be on, as the server describes them and as a statement names them. */
const kinds: Record<string, string> = {
  'table column ': 'column',
  'table constraint ': 'constraint',
  'statistics object ': 'statistics',
  'table ': 'table',
  'index ': 'index',
  'sequence ': 'sequence',
  'type ': 'type',
  'trigger ': 'trigger',
  'policy ': 'policy',
  'rule ': 'rule',
};

/** `column s.t.c`, from `table column s.t.c`: in the words of statements. */
function named(object: string): { kind: string; name: string } | undefined {
  const start = Object.keys(kinds).find((each) => object.startsWith(each));
  return start === undefined ? undefined : { kind: kinds[start] ?? '', name: object.slice(start.length) };
}

function oneAttribute({ object, before }: Difference, attribute: string): string[] {
  const target = named(object);
  const text = typeof before === 'string' ? quoteLiteral(before) : 'null';
  const label = /^label of (.+)$/.exec(attribute)?.[1];
  if (target !== undefined && attribute === 'comment') return [`comment on ${target.kind} ${target.name} is ${text}`];
  if (target !== undefined && label !== undefined)
    return [`security label for ${quoteIdentifier(label)} on ${target.kind} ${target.name} is ${text}`];
  if (target?.kind === 'table' && attribute === 'relforcerowsecurity' && before === true)
    return [`alter table ${target.name} force row level security`];
  if (target?.kind === 'statistics') return ofStatistics(target.name, { [attribute]: before });
  if (target?.kind === 'index' && attribute === 'belongs to')
    return extensionsIn(before).map((extension) => `alter index ${target.name} depends on extension ${extension}`);
  return [];
}

/** Part of an index that is no column has a number alone. */
export function indexColumnStatements(
  objects: Readonly<Record<string, Facts>>,
  differences: readonly Difference[],
): Statement[] {
  return differences.flatMap(({ object, attribute, before }) => {
    const index = /^index column (.+)\.(?:"(?:[^"]|"")+"|[^."]+)$/s.exec(object)?.[1];
    const place = objects[object]?.place;
    if (index === undefined || typeof place !== 'number' || attribute !== 'attstattarget') return [];
    const target = typeof before === 'number' ? before : -1;
    return [
      { sql: `alter index ${index} alter column ${place} set statistics ${target}`, why: `${object}, as it was` },
    ];
  });
}

function wholeObject({ object, before, after }: Difference): string[] {
  const target = named(object);
  if (after !== undefined || target?.kind !== 'statistics' || typeof before !== 'object') return [];
  const facts = before as Facts;
  const label = Object.keys(facts).filter((attribute) => attribute === 'comment' || attribute.startsWith('label of '));
  return [
    createStatistics(target.name, facts),
    ...ofStatistics(target.name, facts),
    ...label.flatMap((attribute) => oneAttribute({ object, attribute, before: facts[attribute], after }, attribute)),
  ];
}

const statisticsKinds: Record<string, string> = { d: 'ndistinct', f: 'dependencies', m: 'mcv' };

function createStatistics(name: string, facts: Facts): string {
  const [columns, expressions, all] = [facts.stxkeys, facts.expressions, facts.stxkind].map(textsIn);
  const parts = [...(columns ?? []).map(quoteIdentifier), ...(expressions ?? []).map((text) => `(${text})`)];
  const which = (all ?? []).flatMap((kind) => statisticsKinds[kind] ?? []);
  const kindsOf = which.length === 0 || parts.length < 2 ? '' : ` (${which.join(', ')})`; // of one expression: its own
  return `create statistics ${name}${kindsOf} on ${parts.join(', ')} from ${String(facts.stxrelid)}`;
}

function ofStatistics(name: string, facts: Facts): string[] {
  const { stxstattarget: target, stxowner: owner } = facts;
  return [
    ...(typeof target === 'number' && target >= 0 ? [`alter statistics ${name} set statistics ${target}`] : []),
    ...('stxstattarget' in facts && target === undefined ? [`alter statistics ${name} set statistics -1`] : []),
    ...(typeof owner === 'string' ? [`alter statistics ${name} owner to ${quoteIdentifier(owner)}`] : []),
  ];
}

const textsIn = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((item): item is string => typeof item === 'string') : [];

const extensionsIn = (list: unknown): string[] =>
  textsIn(list).flatMap((text) => /^extension (.+)$/.exec(text)?.[1] ?? []);
