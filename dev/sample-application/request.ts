import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Level, SampleLog } from './log';
import type { Caller, Release } from './releases';

/** What the endpoints of the sample application work with. */
export interface SampleParts {
  release: Release;
  pool: Pool;
  redis: Redis;
  log: SampleLog;
}

/** A request whose caller is known. */
export interface SampleRequest {
  caller: Caller;
  /** A text says what is wrong with the body. */
  body: Record<string, unknown> | string;
  /** Rows of a list, 1 to 200. */
  limit: number;
  report: Report;
}

/** Logs an event with the request's path, method, address and correlation id. */
export type Report = (level: Level, event: string, fields: object) => void;

export interface Answer {
  status: number;
  body: unknown;
}
