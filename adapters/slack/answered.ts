import { SlackError } from './error';

/** A field that each answer to a method has. @throws SlackError, unclear: what was asked may have happened */
export function answered(method: string, value: string | undefined): string {
  if (value !== undefined) return value;
  const message = `expected a complete answer to ${method}, found one without its ids; call it again`;
  throw new SlackError(message, { kind: 'unreachable', method, outcomeUnclear: true });
}
