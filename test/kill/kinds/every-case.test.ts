// Files of which `npm test` takes some cases only: see test/support/inputs/some.ts. Hooks of each are its own.

describe('activities/clicks/mutated-clicks', () => {
  require('../../activities/clicks/mutated-clicks.test');
});

describe('activities/decisions/mutated-decisions', () => {
  require('../../activities/decisions/mutated-decisions.test');
});

describe('activities/preflight/check-queries', () => {
  require('../../activities/preflight/check-queries.test');
});

describe('activities/removal/by-index', () => {
  require('../../activities/removal/by-index.test');
});

describe('activities/rollback/there-and-back', () => {
  require('../../activities/rollback/there-and-back.test');
});

describe('activities/run/write-report', () => {
  require('../../activities/run/write-report.test');
});

describe('activities/seals/sealed', () => {
  require('../../activities/seals/sealed.test');
});

describe('activities/statements/hostile', () => {
  require('../../activities/statements/hostile.test');
});

describe('activities/statements/honest', () => {
  require('../../activities/statements/honest.test');
});

describe('activities/structure-checks/check-evaluated-functions', () => {
  require('../../activities/structure-checks/check-evaluated-functions.test');
});

describe('activities/structure-checks/check-fitness', () => {
  require('../../activities/structure-checks/check-fitness.test');
});

describe('activities/structure-checks/check-publications', () => {
  require('../../activities/structure-checks/check-publications.test');
});

describe('activities/structure-checks/check-stored-lengths', () => {
  require('../../activities/structure-checks/check-stored-lengths.test');
});

describe('adapters/encryption/age', () => {
  require('../../adapters/encryption/age.test');
});

describe('client/picture/picture', () => {
  require('../../client/picture/picture.test');
});

describe('contract/run/messages', () => {
  require('../../contract/run/messages.test');
});

describe('contract/text/hostile-yaml', () => {
  require('../../contract/text/hostile-yaml.test');
});

describe('dev/local-slack/mrkdwn', () => {
  require('../../dev/local-slack/mrkdwn.test');
});

describe('report/markdown', () => {
  require('../../report/markdown.test');
});

describe('report/run/why', () => {
  require('../../report/run/why.test');
});

describe('report/slack', () => {
  require('../../report/slack.test');
});

describe('report/status-events', () => {
  require('../../report/status-events.test');
});

describe('report/status-text', () => {
  require('../../report/status-text.test');
});

describe('report/temporal-ui/current-details', () => {
  require('../../report/temporal-ui/current-details.test');
});

describe('sql/statements/plan-statements', () => {
  require('../../sql/statements/plan-statements.test');
});

describe('workflows/journal/shown-status', () => {
  require('../../workflows/journal/shown-status.test');
});
