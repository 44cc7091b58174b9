import { reactionTo, sqlstate, type Reaction } from './sqlstate';

/**
 * What PostgreSQL or the connection to it answered, without any value: DETAIL, HINT, WHERE, the statement and its
 * parameters are left out, and so is the text of errors that quote what they choke on.
 *
 * This does not mean that the statement had no effect: see `reaction`.
 */
export class PostgresError extends Error {
  override readonly name = 'PostgresError';

  /** SQLSTATE; undefined if the server did not answer. */
  readonly sqlstate: string | undefined;
  /** What to do about it; by its SQLSTATE ({@link reactionTo}), unless whoever threw it knows better. */
  readonly reaction: Reaction;
  /** What refused, where the server says it. */
  readonly refusedBy: Refusal | undefined;

  constructor(
    message: string,
    { sqlstate: state, reaction = reactionTo(state), refusedBy }: Partial<PostgresErrorFacts> = {},
  ) {
    super(message);
    this.sqlstate = state;
    this.reaction = reaction;
    this.refusedBy = refusedBy;
  }
}

type PostgresErrorFacts = Pick<PostgresError, 'sqlstate' | 'reaction' | 'refusedBy'>;

/**
 * A constraint that refused a value, with the table or domain that it was refused for; NOT NULL is told by its column
 * alone. Names are unquoted; what the server did not send is absent (PostgreSQL documentation, "Error and Notice
 * Message Fields").
 */
export interface Refusal {
  schema: string;
  constraint?: string;
  table?: string;
  column?: string;
  domain?: string;
}

/** The same without the server's text, for a statement that is not ours: what it chokes on can be a value. */
export function withoutText(error: unknown, statement: string): unknown {
  if (!(error instanceof PostgresError) || error.sqlstate === undefined) return error;
  const { sqlstate: state, reaction } = error;
  return new PostgresError(`${statement}: refused by the server, SQLSTATE ${state}`, { sqlstate: state, reaction });
}

/** Fields of an error of `pg`; an error of the network has only a code such as ECONNREFUSED. */
interface RawError {
  message?: unknown;
  code?: unknown;
  severity?: unknown;
  detail?: unknown;
  routine?: unknown;
  constraint?: unknown;
  schema?: unknown;
  table?: unknown;
  column?: unknown;
  dataType?: unknown;
}

/** Classes whose messages name objects, never values; the texts of all others are withheld. */
const classesWithSafeTexts = new Set('08 0A 23 25 26 28 2B 3B 3D 3F 40 42 53 54 55 57 58 F0 XX'.split(' '));

/** The same error without values; see {@link PostgresError}. Anything that is already clean is returned as it is. */
export function cleanError(error: unknown): PostgresError {
  if (error instanceof PostgresError) return error;
  const raw = (typeof error === 'object' && error !== null ? error : {}) as RawError;
  const state = sqlstateOf(raw);
  if (state !== undefined)
    return new PostgresError(`${safeText(raw, state)} (SQLSTATE ${state})`, {
      sqlstate: state,
      refusedBy: refusalIn(raw),
    });
  return new PostgresError(typeof raw.code === 'string' ? raw.code : textOf(raw.message) || 'unknown error');
}

/** Only the server sends a severity with its code; Node's own codes (EPIPE) can have five characters, too. */
function sqlstateOf({ code, severity }: RawError): string | undefined {
  const isState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && typeof severity === 'string';
  return isState ? code : undefined;
}

function refusalIn({ constraint, schema, table, column, dataType }: RawError): Refusal | undefined {
  if (typeof schema !== 'string') return undefined;
  return {
    schema,
    ...(typeof constraint === 'string' && { constraint }),
    ...(typeof table === 'string' && { table }),
    ...(typeof column === 'string' && { column }),
    ...(typeof dataType === 'string' && { domain: dataType }),
  };
}

function safeText(raw: RawError, state: string): string {
  // A function can raise any text under any code.
  const ownText = raw.routine !== 'exec_stmt_raise' && classesWithSafeTexts.has(state.slice(0, 2));
  if (!ownText) return "the server's text is withheld, since it can quote values";
  // The one DETAIL worth having: it lists objects ("view a depends on column b"), and only objects.
  if (state === sqlstate.dependentObjectsStillExist) return [textOf(raw.message), textOf(raw.detail)].join(': ');
  return textOf(raw.message);
}

const textOf = (text: unknown): string => (typeof text === 'string' ? text : '');
