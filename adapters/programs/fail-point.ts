import { AsyncLocalStorage } from 'node:async_hooks';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as rest } from 'node:timers/promises';

/**
 * Where a test can make a process fail: before, inside and after the effect of each step. `inside` = the last statement
 * of the transaction is still missing.
 */
const moments = {
  rehearsal: ['half-way'],
  backup: ['dump running', 'before its record', 'after'],
  proof: ['restored', 'before its record', 'after'],
  freeze: ['before', 'inside', 'before commit', 'after'],
  'final copy': ['before', 'before its name', 'before its record', 'after'],
  hide: ['before', 'inside', 'before commit', 'after'],
  unhide: ['before', 'inside', 'before commit', 'after'],
  'put back': ['before', 'state row turned', 'after'],
  move: ['inside a batch', 'between two batches'],
  detach: ['before', 'after'],
  attach: ['before', 'after'],
  drop: ['before', 'inside', 'before commit', 'after'],
  flush: ['between two batches'],
  'restore columns': ['before', 'before commit', 'after'],
  fill: ['inside a batch', 'between two batches'],
  'new keys': ['before they are sealed', 'before their record', 'after', 'inside a batch', 'between two batches'],
  'finish restore': ['before the revision', 'after'],
  'end guard': ['before commit', 'after'],
} as const;

type Moments = typeof moments;
/** Step and moment, such as `drop: before commit`. */
export type FailPoint = { [Step in keyof Moments]: `${Step}: ${Moments[Step][number]}` }[keyof Moments];

/** All of them, so that a test can go through all. */
export const failPoints = Object.entries(moments).flatMap(([step, names]) =>
  names.map((name) => `${step}: ${name}` as FailPoint),
);

/** `kill`: as by `kill -9`. `freeze`: until it is sent SIGCONT. `wait`: until the mark is removed. */
const faults = ['kill', 'freeze', 'wait'] as const;

/** Where and how a process is to fail. */
export interface ArmedFailPoint {
  point: FailPoint;
  /** `kill`: as by `kill -9`; `freeze`: until SIGCONT; `wait`: until the mark is removed. */
  fault: (typeof faults)[number];
  /** Path of a file that is written when the point is reached, so that the test can see it. */
  mark: string;
}

/** Path of a file that holds one {@link ArmedFailPoint} as JSON. Without it there are no fail-points. */
export const failPointVariable = 'RUBICON_FAIL_POINT';

let armed: ArmedFailPoint | false | undefined;

/**
 * What this process was started with; undefined, as it should be, for nothing. A worker asks before it takes a task, and
 * refuses unless its settings allow it.
 *
 * @throws if the file can't be read, or arms no point that there is
 */
export function armedFailPoint(): ArmedFailPoint | undefined {
  armed ??= read(process.env[failPointVariable]) ?? false;
  return armed || undefined;
}

const passedOver = new AsyncLocalStorage<true>();

/** Runs `work` on a throw-away copy: the points of its effects are those of the real databases, and are passed over here. */
export const withoutFailPoints = <T>(work: () => Promise<T>): Promise<T> => passedOver.run(true, work);

/** Fails here if this point is armed, once; does nothing otherwise, which costs nothing. */
export async function failPoint(point: FailPoint): Promise<void> {
  const here = armedFailPoint();
  if (here?.point !== point || passedOver.getStore() === true) return;
  armed = false;
  writeFileSync(here.mark, `${process.pid}\n`);
  if (here.fault === 'kill') process.kill(process.pid, 'SIGKILL');
  if (here.fault === 'freeze') process.kill(process.pid, 'SIGSTOP');
  if (here.fault === 'wait') while (existsSync(here.mark)) await rest(10);
}

function read(file: string | undefined): ArmedFailPoint | undefined {
  if (file === undefined || file === '') return undefined;
  const expected = `expected { "point", "fault", "mark" } as JSON in the file that ${failPointVariable} names`;
  try {
    const { point, fault, mark } = JSON.parse(readFileSync(file, 'utf8')) as Partial<ArmedFailPoint>;
    const known = { point: failPoints.find((one) => one === point), fault: faults.find((one) => one === fault) };
    if (known.point === undefined) throw new Error(`point "${point}"`);
    if (known.fault === undefined) throw new Error(`fault "${fault}"`);
    if (typeof mark !== 'string') throw new Error('no mark');
    return { point: known.point, fault: known.fault, mark };
  } catch (error) {
    throw new Error(`${expected}, found ${(error as Error).message}; unset it unless this is a test`);
  }
}
