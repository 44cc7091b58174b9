import type { Redis } from 'ioredis';

type Pipeline = ReturnType<Redis['pipeline']>;

/** Sends them all at once. @throws the first error of any */
export async function everyAnswer(pipeline: Pipeline): Promise<unknown[]> {
  const results = (await pipeline.exec()) ?? [];
  const failed = results.find(([error]) => error !== null);
  if (failed?.[0]) throw failed[0];
  return results.map(([, answer]) => answer);
}

/** The same, but `undefined` where Redis said no: the key has changed its type or went away meanwhile. */
export async function possibleAnswers(pipeline: Pipeline): Promise<unknown[]> {
  const results = (await pipeline.exec()) ?? [];
  const lost = results.find(([error]) => error !== null && error.name !== 'ReplyError');
  if (lost?.[0]) throw lost[0];
  return results.map(([error, answer]) => (error === null ? answer : undefined));
}
