/** Options of words that read them themselves, by path; a test holds them against what their help says. */
export const handedOnOptions: Record<string, { long: string; description: string; takesValue: boolean }[]> = {
  demo: [
    { long: '--fail', description: 'another story', takesValue: true },
    { long: '--wait', description: 'plays no one: you are the people', takesValue: false },
    { long: '--stay', description: 'leaves everything running afterwards', takesValue: false },
    { long: '--reports', description: 'where the report is kept', takesValue: true },
  ],
  worker: [
    { long: '--roles', description: 'control,staging,production', takesValue: true },
    { long: '--config', description: 'the settings', takesValue: true },
    { long: '--workflow-bundle', description: 'workflow code, bundled beforehand', takesValue: true },
  ],
  doctor: [
    { long: '--roles', description: 'control,staging,production', takesValue: true },
    { long: '--config', description: 'the settings', takesValue: true },
    { long: '--connect', description: 'tries everything the settings name', takesValue: false },
    { long: '--new-keys', description: 'makes the keys that workers seal with, in a folder', takesValue: true },
    { long: '--install-sql', description: 'prints the schema of an environment for a DBA', takesValue: true },
    { long: '--plan', description: 'whose statements are run by a role', takesValue: true },
    { long: '--output', description: 'text or json', takesValue: true },
    { long: '--target', description: 'which target', takesValue: true },
    { long: '--role', description: 'as whom the worker connects', takesValue: true },
  ],
  'plan new': [
    { long: '--drop', description: 'a column: table.column', takesValue: true },
    { long: '--drop-table', description: 'a whole table', takesValue: true },
    { long: '--delete-rows', description: 'rows of a table; needs --where', takesValue: true },
    { long: '--detach', description: 'an old partition', takesValue: true },
    { long: '--where', description: 'which rows: column=value', takesValue: true },
    { long: '--drop-index', description: 'an index of a table that stays', takesValue: true },
    { long: '--external', description: 'something outside the database', takesValue: true },
    { long: '--config', description: 'the settings', takesValue: true },
    { long: '--target', description: 'which target', takesValue: true },
    { long: '--folder', description: 'of plans', takesValue: true },
  ],
};
