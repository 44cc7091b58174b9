/**
 * One row among many that no sample holds. It fills its page to the last byte: once a column of it was dropped, each new
 * version of it notes which values are null, and has no room for that.
 */
export const rowThatFillsItsPage = [
  'alter table sessions add padding oidvector', // of a type that is never moved out of its row
  `insert into sessions select r.* from (select * from sessions where owner_api_key is not null limit 1) s, generate_series(1, 5200) n,
     jsonb_populate_record(null::sessions, to_jsonb(s) || jsonb_build_object('id', md5(n::text)::uuid)) r`,
  `do $$ declare one record; begin
     select * into one from sessions where id = md5('1200')::uuid;
     for length in reverse 2040..1700 loop
       begin
         update sessions set padding = array_to_string(array_fill(1, array[length]), ' ')::oidvector where id = one.id;
         exit;
       exception when program_limit_exceeded then null;
       end;
     end loop;
   end $$`,
];
