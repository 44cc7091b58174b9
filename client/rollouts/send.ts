import { readMessage, type Answer, type MessageKind } from '../../contract/run/messages';
import type { Cli } from '../terminal/word';
import { CliError, usageError } from '../terminal/cli-error';
import { exitCodes } from '../terminal/exit-codes';
import { findRun } from './look';
import type { WordOptions } from '../terminal/options';
import type { Rollouts } from './rollouts';
import { withRollouts } from './with-rollouts';

/** What became of a message. `signal`: it is in the history and will be read when a worker is there. */
type Sent = (Answer & { sentAs: 'update' }) | { sentAs: 'signal' | 'unclear'; because: string };

/** A message and the run that it is for. */
interface ToSend {
  workflowId: string;
  kind: MessageKind;
  input: object;
}

/**
 * Sends one message to a rollout and prints its answer. What cannot be a message is not sent.
 *
 * @throws CliError for what can't be a message
 */
export async function send(cli: Cli, options: WordOptions, toSend: ToSend): Promise<void> {
  const message = readMessage(toSend.kind, toSend.input);
  if ('refused' in message) throw usageError(`Not sent: ${message.refused}`);
  const sent = await withRollouts(cli, options, ({ rollouts }) => deliver(rollouts, toSend));
  if (options.output === 'json') cli.terminal.out(JSON.stringify(sent, null, 2));
  else
    cli.terminal.out('accepted' in sent ? `${sent.accepted ? 'accepted' : 'refused'}: ${sent.because}` : sent.because);
  cli.exitCode = !('accepted' in sent) ? exitCodes.waiting : sent.accepted ? exitCodes.done : exitCodes.refused;
}

/**
 * By the update, which answers; without a worker by the signal, which waits for one. A worker is looked for first: an
 * update that nobody takes can't be told from one that is taken later, and the message would then arrive twice.
 */
async function deliver(rollouts: Rollouts, { workflowId, kind, input }: ToSend): Promise<Sent> {
  const record = await findRun(rollouts, workflowId);
  if (!record.open) {
    const how = record.result?.outcome ?? record.status;
    throw new CliError(exitCodes.refused, `Refused: it has ended (${how}); messages no longer change anything.`);
  }
  const alive = await rollouts.ask<string>(workflowId, 'why');
  if ('silent' in alive) {
    await rollouts.signal(workflowId, kind, input);
    return { sentAs: 'signal', because: `sent, not answered yet (${alive.silent}); "rubicon status" shows its answer` };
  }
  const decided = await rollouts.decide(workflowId, { signal: kind, ...input });
  if ('answer' in decided) return { sentAs: 'update', ...decided.answer };
  return { sentAs: 'unclear', because: `${decided.silent}; it may still be accepted: check with "rubicon status"` };
}
