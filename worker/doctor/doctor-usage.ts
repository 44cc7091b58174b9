/** What `rubicon doctor --help` says. */
export const doctorUsage = `Usage: rubicon doctor [--config rubicon.yaml]      checks the settings, and names every fault
       rubicon doctor --connect [--roles control,staging,production] [-o text|json]
           tries everything the settings name for these roles (default: all): database, Redis, log, application, actions,
           programs, backups, Temporal, Slack; needs no plan, changes nothing, takes seconds; exit code 1 if
           something is not as expected, or unknown
       rubicon doctor --install-sql staging|production --target NAME [--role ROLE] [--plan PLAN]
           prints the schema for a DBA, and the role as which the statements of a plan are run
       rubicon doctor --new-keys FOLDER
           makes the keys that workers seal with: a file a role in the folder, and the section "seals" of the settings on stdout`;
