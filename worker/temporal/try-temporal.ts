import { Connection } from '@temporalio/client';
import { withinLimit, type Part } from '../../activities/connect/within-limit';
import { finding, type Finding } from '../../contract/run/findings';
import { noNamespace, notThere, readConfiguration } from './connect';
import { commandFor, lookAtSearchAttributes } from './search-attributes';

/** Whether a worker would find Temporal, its namespace and search attributes there. Registers nothing. */
export const tryTemporal = (limitMs?: number): Promise<Part> =>
  withinLimit('Temporal', tryIt, { secrets: [], ...(limitMs !== undefined && { limitMs }) });

/** By the client's connection: the native one of workers tries for half a minute, and can't be stopped. */
async function tryIt(): Promise<Finding[]> {
  const { connectionOptions, namespace = 'default' } = readConfiguration(process.env);
  const address = connectionOptions.address ?? 'localhost:7233';
  const options = { ...connectionOptions, address, connectTimeout: '5 s' as const, interceptors: [] };
  let connection: Connection;
  try {
    connection = await Connection.connect(options);
  } catch (error) {
    return [notConnected(address, notThere(address, error))];
  }
  try {
    await connection.workflowService.describeNamespace({ namespace });
    const found = `${address}, namespace ${namespace}`;
    const looked = await lookAtSearchAttributes(connection, namespace);
    return [finding('connection', true, { expected, found, remedy: '' }), judgeAttributes(looked, namespace)];
  } catch (error) {
    return [notConnected(address, noNamespace(namespace, address, error))];
  } finally {
    await connection.close();
  }
}

const expected = 'a server with the namespace of the worker';

/** The message already says what was found and what to do. */
function notConnected(address: string, message: string): Finding {
  const [, found = message, remedy = 'set TEMPORAL_ADDRESS'] = /found: (.*?); (.*)$/s.exec(message) ?? [];
  return finding('connection', 'unknown', { expected, found: `${address}: ${found}`, remedy });
}

function judgeAttributes(looked: Awaited<ReturnType<typeof lookAtSearchAttributes>>, namespace: string): Finding {
  const check = 'search attributes';
  const expected = 'those of Rubicon, of type Keyword';
  if ('because' in looked) {
    const remedy = 'let the user of the worker list them, or look yourself: temporal operator search-attribute list';
    return finding(check, 'unknown', { expected, found: looked.because, remedy });
  }
  const { missing, wrong } = looked;
  if (wrong.length > 0) {
    const remedy = 'use a separate namespace';
    return finding(check, false, { expected, found: `${wrong.join(', ')} of another type`, remedy });
  }
  if (missing.length === 0) return finding(check, true, { expected, found: 'all of them', remedy: '' });
  const remedy = `a control worker adds them when it starts, if it may; or run: ${commandFor(missing, namespace)}`;
  return { check, status: 'not covered', expected, found: `without ${missing.join(', ')}`, remedy };
}
