/**
 * Whether a fill is to wait: one row, `asked` (by an administrator) and `behind` (a standby). `$1` milliseconds and `$2` bytes that a standby may be behind. Standbys that
 * this role may not look at are passed over; receivers that replay nothing (a backup of the log) are no standbys.
 */
export const selectThrottle = `
 select exists (select from rubicon.throttle) as asked, exists (
   select from pg_stat_replication
    where replay_lsn is not null and state is distinct from 'backup'
      and not exists (select from pg_replication_slots s where s.active_pid = pg_stat_replication.pid and s.slot_type = 'logical')
      and (extract(epoch from replay_lag) * 1000 > $1 or pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) > $2)
 ) as behind`;
