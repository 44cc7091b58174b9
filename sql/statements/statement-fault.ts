/** Why a statement of a plan is refused: expected, found, what to do. */
export class StatementFault extends Error {
  override readonly name = 'StatementFault';

  constructor(
    message: string,
    /** Character of the statement's text at which it was found; undefined where it is about the whole of it. */
    readonly offset?: number,
  ) {
    super(message);
  }
}
