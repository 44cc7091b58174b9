// Files of which `npm test` takes some cases only: see test/support/inputs/some.ts.
const files = [
  'activities/preflight/check-queries',
  'activities/statements/hostile',
  'activities/structure-checks/check-evaluated-functions',
  'activities/structure-checks/check-fitness',
  'activities/structure-checks/check-publications',
  'activities/structure-checks/check-stored-lengths',
  'adapters/encryption/age',
];

describe.each(files)('%s', (file) => {
  require(`../../${file}.test`);
});
