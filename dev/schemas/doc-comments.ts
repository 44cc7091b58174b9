import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import ts from 'typescript';

/** The part of a JSON Schema that is looked at here. */
export interface JsonSchema {
  [keyword: string]: unknown;
  description?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
}

/** An expression that makes a schema of zod, and the file in which its names mean something. */
interface Made {
  node: ts.Node;
  file: ts.SourceFile;
}

/**
 * Puts the doc comments of a schema's source beside its fields, as editors show them. What is written in a way that is
 * not followed here gets no description; nothing else depends on it.
 *
 * @param file where `name` is defined, by `const`
 */
export function describeByComments(schema: JsonSchema, file: string, name: string): void {
  const found = definitionOf(name, sourceOf(resolve(file)));
  if (found === undefined) throw new Error(`expected "${name}" in ${file}, found no definition of it`);
  describe(schema, found);
}

function describe(schema: JsonSchema, made: Made): void {
  const base = baseOf(made);
  if (base === undefined) return;
  const { node, file } = base;
  const text = hasParts(node) ? commentOfDefinition(made) : undefined;
  if (text !== undefined) schema.description ??= text;
  const [argument, second] = node.arguments;
  if (argument === undefined) return;
  if (ts.isObjectLiteralExpression(argument)) return describeProperties(schema, argument, file);
  if (second !== undefined && typeof schema.additionalProperties === 'object') // z.record(key, value)
    return describe(schema.additionalProperties, { node: second, file });
  if (schema.items !== undefined) return describe(schema.items, { node: argument, file });
  const options = [argument, second].find((each) => each !== undefined && ts.isArrayLiteralExpression(each));
  for (const [index, option] of (schema.anyOf ?? schema.oneOf ?? []).entries()) {
    const written = (options)?.elements[index];
    if (written !== undefined) describe(option, { node: written, file });
  }
}

function describeProperties(schema: JsonSchema, fields: ts.ObjectLiteralExpression, file: ts.SourceFile): void {
  for (const field of fields.properties) {
    if (field.name === undefined) continue;
    const part = schema.properties?.[field.name.getText(file)];
    if (part === undefined) continue;
    const text = commentOf(field, file);
    if (text !== undefined) part.description = text;
    describe(part, { node: ts.isPropertyAssignment(field) ? field.initializer : field.name, file });
  }
}

/** The call that makes the schema itself: `z.array(…)` of `z.array(…).min(1).optional()`. */
function baseOf({ node, file }: Made): { node: ts.CallExpression; file: ts.SourceFile } | undefined {
  if (ts.isIdentifier(node)) {
    const found = definitionOf(node.text, file);
    return found && baseOf(found);
  }
  if (!ts.isCallExpression(node)) {
    const made = returnedBy(node);
    return made && baseOf({ node: made, file });
  }
  const { expression: called } = node;
  if (ts.isIdentifier(called)) return baseOf({ node: called, file });
  if (!ts.isPropertyAccessExpression(called)) return undefined;
  if (called.expression.getText(file) === 'z') return { node, file };
  return baseOf({ node: called.expression, file });
}

/** Of a function that makes a schema. */
function returnedBy(node: ts.Node): ts.Node | undefined {
  const body = ts.isArrowFunction(node) || ts.isFunctionDeclaration(node) ? node.body : undefined;
  if (body === undefined || !ts.isBlock(body)) return body;
  return body.statements.find(ts.isReturnStatement)?.expression;
}

/** What a field of one line is, its own comment says; what its kind of text is in general, helps nobody there. */
const hasParts = ({ expression }: ts.CallExpression): boolean =>
  ts.isPropertyAccessExpression(expression) && /^(strictObject|array|record)$/.test(expression.name.text);

/** Of what a name stands for, also in `name.optional()`. */
function commentOfDefinition({ node, file }: Made): string | undefined {
  if (ts.isCallExpression(node)) return commentOfDefinition({ node: node.expression, file });
  if (ts.isPropertyAccessExpression(node)) return commentOfDefinition({ node: node.expression, file });
  if (!ts.isIdentifier(node)) return undefined;
  const found = definitionOf(node.text, file);
  return found?.statement && commentOf(found.statement, found.file);
}

/** The last doc comment in front of it, in one line. */
function commentOf(node: ts.Node, file: ts.SourceFile): string | undefined {
  const text = file.getFullText();
  const comments = (ts.getLeadingCommentRanges(text, node.getFullStart()) ?? [])
    .map(({ pos, end }) => text.slice(pos, end))
    .filter((comment) => comment.startsWith('/**'));
  return comments
    .at(-1)
    ?.replace(/^\/\*\*|\*\/$/g, '')
    .replace(/^\s*\* ?/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

type Definition = Made & { statement?: ts.Node };

/** Where a name gets its value: in the file, in a function of it, or in the file of ours that it is imported from. */
function definitionOf(name: string, file: ts.SourceFile): Definition | undefined {
  let found: Definition | undefined;
  const look = (node: ts.Node): void => {
    if (found !== undefined) return;
    if (ts.isVariableDeclaration(node) && node.name.getText(file) === name && node.initializer !== undefined)
      found = { node: node.initializer, file, statement: node.parent.parent };
    else if (ts.isFunctionDeclaration(node) && node.name?.text === name) found = { node, file, statement: node };
    else if (ts.isImportSpecifier(node) && node.name.text === name) {
      const from = node.parent.parent.parent.moduleSpecifier as ts.StringLiteral;
      if (from.text.startsWith('.'))
        found = definitionOf((node.propertyName ?? node.name).text, sourceOf(resolve(dirname(file.fileName), `${from.text}.ts`)));
    } else ts.forEachChild(node, look);
  };
  look(file);
  return found;
}

const sources = new Map<string, ts.SourceFile>();

function sourceOf(path: string): ts.SourceFile {
  const known = sources.get(path);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  sources.set(path, source);
  return source;
}
