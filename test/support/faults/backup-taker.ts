import { takeBackup } from '../../../adapters/dump/take-backup';

/** Takes a backup in a process of its own, for tests that kill it or give it too little room: URL, file, recipient, tools. */
async function main([url = '', file = '', recipient = '', toolsFolder = '']: string[]): Promise<void> {
  const connection = { url, applicationName: 'test of the dump' };
  await takeBackup({ connection, file, recipient, toolsFolder });
}

main(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
