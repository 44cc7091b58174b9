import { NamespaceNotFoundError, WorkflowNotFoundError } from '@temporalio/client';
import { CliError } from './cli-error';
import { exitCodes } from './exit-codes';

/** Where a client is connected, for messages. */
export interface TemporalPlace {
  /** `host:port`. */
  address: string;
  namespace: string;
}

/** Codes of gRPC, as the server answers them. */
export const grpc = {
  cancelled: 1,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  failedPrecondition: 9,
  unavailable: 14,
  unauthenticated: 16,
} as const;

/** The code of an error of Temporal's client, which wraps it one or two times; undefined for any other error. */
export function grpcCodeOf(error: unknown): number | undefined {
  for (let link = error as Link | undefined, depth = 0; link != null && depth < 5; link = link.cause, depth += 1) {
    if (typeof link.code === 'number') return link.code;
  }
  return undefined;
}
type Link = { readonly code?: unknown; readonly cause?: Link; readonly details?: unknown };

/** Why Temporal did not do what was asked, with what to do; an error that is not Temporal's comes back as it is. */
export function temporalFault(error: unknown, { address, namespace }: TemporalPlace): unknown {
  if (error instanceof CliError) return error;
  if (error instanceof NamespaceNotFoundError) return noNamespace({ address, namespace }, 'there is none');
  if (error instanceof WorkflowNotFoundError) {
    return new CliError(exitCodes.refused, `Expected a run that has not ended, found: ${error.message}`);
  }
  const code = grpcCodeOf(error);
  const found = detailsOf(error);
  switch (code) {
    case undefined:
      return isTimeout(error) ? unreachable(address, 'no answer within 5 s') : error;
    case grpc.unavailable:
    case grpc.deadlineExceeded:
      return unreachable(address, code === grpc.unavailable ? found : 'no answer in time');
    case grpc.permissionDenied:
    case grpc.unauthenticated:
      return new CliError(
        exitCodes.notAllowed,
        `Expected permission for that at ${address}, namespace "${namespace}", found: ${found}\n` +
          'Use an identity that may (TEMPORAL_API_KEY, TEMPORAL_TLS_…, or another --profile).',
      );
    case grpc.notFound:
      if (/namespace/i.test(found)) return noNamespace({ address, namespace }, found);
  }
  return new CliError(exitCodes.failed, `Expected Temporal at ${address} to do that, found: ${found}`);
}

const unreachable = (address: string, found: string): CliError =>
  new CliError(
    exitCodes.failed,
    `Expected a Temporal server at ${address}, found: ${found}\n` +
      'Name another one (TEMPORAL_ADDRESS or --address), or start one: temporal server start-dev',
  );

const noNamespace = ({ address, namespace }: TemporalPlace, found: string): CliError =>
  new CliError(
    exitCodes.usage,
    `Expected the namespace "${namespace}" at ${address}, found: ${found}\n` +
      'Name another one (TEMPORAL_NAMESPACE or --namespace), or let an administrator create it.',
  );

/** gRPC's own message repeats the code in front. */
function detailsOf(error: unknown): string {
  let found = error instanceof Error ? error.message : String(error);
  for (let link = error as Link | undefined, depth = 0; link != null && depth < 5; link = link.cause, depth += 1) {
    if (typeof link.details === 'string' && link.details !== '') found = link.details;
  }
  return found.replace(/\s+/g, ' ').slice(0, 500);
}

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && /Failed to connect before the deadline/.test(error.message);
