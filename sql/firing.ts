import { quoteIdentifier } from './identifier';

/** A trigger or rule of the application's that a session of ours would set off by writing. */
export interface Firing {
  kind: 'trigger' | 'rule';
  name: string;
  /** `O` = in an ordinary session, `R` = in one with the role of a replica, `A` = always. */
  fires: 'O' | 'R' | 'A';
}

/**
 * {@link Firing}s of the relation `$1` in the session that asks. A session with the role of a replica passes over most,
 * and not over those that somebody has enabled for it. Ours stay on, and so do the server's own ones.
 */
export const selectFiring = `
  with mode as (select case current_setting('session_replication_role') when 'replica' then 'R' else 'O' end::"char" as fires)
  select 'trigger' as kind, t.tgname as name, t.tgenabled as fires from pg_trigger t, mode
   where t.tgrelid = $1::regclass and not t.tgisinternal and t.tgenabled in ('A', mode.fires) and t.tgname !~ '^(zz_)?rubicon_(freeze|guard)_'
  union all
  select 'rule', r.rulename, r.ev_enabled from pg_rewrite r, mode
   where r.ev_class = $1::regclass and r.ev_type <> '1' and r.ev_enabled in ('A', mode.fires)
   order by 1, 2`;

/** For the transaction that is open: others see it off at no time, since none of them can write until its end. */
export const switchOff = (relation: string, { kind, name }: Firing): string =>
  `alter table only ${relation} disable ${kind} ${quoteIdentifier(name)}`;

/** As it was. */
export const switchOn = (relation: string, { kind, name, fires }: Firing): string =>
  `alter table only ${relation} enable ${words[fires]}${kind} ${quoteIdentifier(name)}`;

const words = { O: '', R: 'replica ', A: 'always ' } as const;
