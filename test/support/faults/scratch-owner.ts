/**
 * A process of its own that holds a throw-away server until it is killed: `node -r tsx/cjs scratch-owner.ts <tools> <folder>`.
 * Says where its server is, as one line of JSON.
 */
import { withScratchPostgres } from '../../../adapters/scratch/scratch-postgres';

const [toolsFolder, folder] = process.argv.slice(2);

void withScratchPostgres({ toolsFolder, folder }, async (scratch) => {
  process.stdout.write(`${JSON.stringify({ folder: scratch.folder })}\n`);
  await new Promise((resolve) => setTimeout(resolve, 600_000));
});
