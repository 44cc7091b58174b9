import { openFuzzServer } from './server';

/** A process that opens the server of a run, tells where its folders are, and holds them until it is ended. */
async function holdServer(): Promise<void> {
  const { folders } = await openFuzzServer();
  console.log(JSON.stringify(folders));
  setInterval(() => {}, 60_000);
}

void holdServer();
