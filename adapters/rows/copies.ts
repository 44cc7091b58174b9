import type { PostgresClient } from '../postgres/postgres';

/** A server that receives this one's write-ahead log. */
export interface StandbyFacts {
  /** As the receiver names itself. */
  application: string | null;
  /** `streaming`, `catchup`, …; null without the right to see it, and then nothing else is known either. */
  state: string | null;
  /** False: it only keeps what it receives (`pg_receivewal`), and has no readers. */
  replays: boolean;
  /**
   * How far it is behind in replaying; null if it is idle or not known (PostgreSQL documentation,
   * `pg_stat_replication`).
   */
  replayLagMs: number | null;
  /**
   * Transactions that its oldest reader is behind; null without `hot_standby_feedback`. A long reader there stops the
   * replay of DDL.
   */
  readerAgeTransactions: number | null;
}

/**
 * Receivers of the whole log that are connected now. Standbys behind another standby and those that read an archive are
 * not seen, nor is one that is down (unless it has a slot).
 */
export async function findStandbys(client: PostgresClient): Promise<StandbyFacts[]> {
  // With a slot the reader's age is the slot's. A backup that is being taken, and a subscriber of a publication, are none.
  const { rows } = await client.query<StandbyFacts>(
    `select r.application_name as application, r.state, coalesce(r.replay_lsn is not null, false) as replays,
            extract(epoch from r.replay_lag)::float8 * 1000 as "replayLagMs",
            age(coalesce(r.backend_xmin, s.xmin)) as "readerAgeTransactions"
       from pg_stat_replication r left join pg_replication_slots s on s.active_pid = r.pid
      where s.slot_type is distinct from 'logical' and r.state is distinct from 'backup'
      order by r.application_name, r.pid`,
  );
  return rows;
}

/** Where the write-ahead log is kept, besides in the server's own folder. */
export interface LogKeeping {
  /** `off`, `on` or `always`. */
  archive: string;
  /** Slots that no one reads from at the moment: the log is kept for them, and a later reader gets all of it. */
  idleSlots: string[];
}

/** Reads a setting and the slots; changes nothing. */
export async function readLogKeeping(client: PostgresClient): Promise<LogKeeping> {
  const { rows } = await client.query<LogKeeping>(
    `select current_setting('archive_mode') as archive,
            coalesce((select json_agg(slot_name order by slot_name) from pg_replication_slots where not active), '[]') as "idleSlots"`,
  );
  return rows[0] ?? { archive: 'unknown', idleSlots: [] };
}
