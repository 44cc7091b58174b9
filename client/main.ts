import { runCli } from './cli';
import { openTerminal } from './terminal/terminal';

// What `rubicon.js` loads. The exit code is left to Node, so that everything is written before the process ends.
void runCli(process.argv.slice(2), openTerminal()).then((code) => {
  process.exitCode = code;
});
