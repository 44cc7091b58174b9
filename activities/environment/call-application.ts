import { randomBytes } from 'node:crypto';
import { call, type CallResult } from '../../adapters/application/http-application';
import type { Application } from './environment';
import { callIdHeaders, newCallId } from './call-id';

/** Whose key a call of ours carries. */
export type CallerKey = 'right' | 'wrong' | 'none';

/** A call that we make as a client of the application. */
export interface ApplicationCall {
  method?: 'GET' | 'POST';
  path: string;
  key: CallerKey;
  body?: unknown;
  signal: AbortSignal;
}

/** Calls the application once. What it answers may hold anything: look at it and let it go. */
export const callApplication = (application: Application, { key, ...request }: ApplicationCall): Promise<CallResult> =>
  call({ baseUrl: application.url, headers: callerHeaders(application, key), ...request });

/**
 * Headers of a call of ours, with an id by which its lines in the log are known; default: one of its own. Secret: they
 * hold the probe key and the word that passes in maintenance.
 */
export function callerHeaders(
  { probeKey, probeKeyHeader: { name, scheme } = usualHeader, callIdHeader, maintenanceBypass: bypass }: Application,
  key: CallerKey,
  id = newCallId(probeKey),
): Record<string, string> {
  return {
    ...callIdHeaders(id, callIdHeader),
    ...(bypass === undefined ? {} : { [bypass.header]: bypass.value }),
    ...(key === 'none'
      ? {}
      : {
          [name]: headerText(
            `${scheme === undefined ? '' : `${scheme} `}${key === 'right' ? probeKey : keyOfNobody()}`,
          ),
        }),
  };
}

const usualHeader: NonNullable<Application['probeKeyHeader']> = { name: 'X-API-Key' };

/** A header has one character a byte; a key may be any Unicode, which the application reads as UTF-8. */
const headerText = (key: string): string => Buffer.from(key, 'utf8').toString('latin1');

/** By chance alone, so that no store of keys can hold it. */
const keyOfNobody = (): string => `rubicon-${randomBytes(16).toString('hex')}`;
