import { connect } from 'node:net';
import { safeMessage } from '../programs/secret-text';

/** Whether an address can be reached. */
export interface Reached {
  /** `host:port`, which may be shown. */
  place: string;
  /** Why no connection was made; absent = one was. */
  because?: string;
}

/** Opens a connection to the host and port of a URL and closes it again. Sends nothing. */
export function canConnect(address: string, limitMs = 5_000): Promise<Reached> {
  const { hostname, port, protocol } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  const number = Number(port || (protocol === 'https:' ? 443 : 80));
  const place = `${hostname}:${number}`;
  return new Promise((resolve) => {
    const socket = connect({ host, port: number });
    const end = (because?: string): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ place, ...(because !== undefined && { because }) });
    };
    const timer = setTimeout(() => end(`no connection within ${limitMs / 1_000} s`), limitMs);
    socket.once('connect', () => end());
    socket.once('error', (error) => end(safeMessage(error)));
  });
}
