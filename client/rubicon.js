#!/usr/bin/env node
// @ts-nocheck: tsx has no types
'use strict';
// Plain JavaScript, because it is what npx starts: from here on TypeScript runs as it is, by tsx.
try {
  require('tsx/cjs');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
  process.stderr.write('Expected the packages of Rubicon in node_modules/, found none; get them: npm run setup\n');
  process.exit(2);
}
require('./main');
