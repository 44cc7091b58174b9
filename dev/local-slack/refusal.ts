/** Thrown inside a method; becomes `{ ok: false, error }`, as Slack answers it. */
export class Refusal extends Error {
  constructor(
    readonly code: string,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(code);
  }
}
