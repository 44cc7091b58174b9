#!/usr/bin/env node
// @ts-nocheck: tsx has no types
'use strict';
// Plain JavaScript, because it is what npx starts: from here on TypeScript runs as it is, by tsx.
require('tsx/cjs');
require('./main');
