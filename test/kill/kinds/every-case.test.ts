// Files of which `npm test` takes some cases only: see test/support/inputs/some.ts.
const files = [
  'activities/preflight/check-queries',
  'activities/run/write-report',
  'activities/statements/hostile',
  'activities/structure-checks/check-evaluated-functions',
  'activities/structure-checks/check-fitness',
  'activities/structure-checks/check-publications',
  'activities/structure-checks/check-stored-lengths',
  'adapters/encryption/age',
  'client/picture/picture',
  'contract/text/hostile-yaml',
  'dev/local-slack/mrkdwn',
  'report/markdown',
  'report/run/why',
  'report/slack',
  'report/status-events',
  'report/status-text',
  'report/temporal-ui/current-details',
  'workflows/journal/shown-status',
];

describe.each(files)('%s', (file) => {
  require(`../../${file}.test`);
});
