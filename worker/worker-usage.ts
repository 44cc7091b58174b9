/** What `rubicon worker --help` says. */
export const workerUsage = `Usage: rubicon worker [--roles control,staging,production] [--config FILE] [--workflow-bundle FILE]
Serves the named roles (default: all) until SIGTERM or SIGINT. Settings: --config, else RUBICON_CONFIG, else
rubicon.yaml. --workflow-bundle: workflow code bundled beforehand by this version; starts faster.`;
