/** What is done with each item, and with its result. */
interface Sharing<Worker, Item, Result> {
  perform: (worker: Worker, item: Item) => Promise<Result>;
  onResult: (item: Item, result: Result) => void;
}

/**
 * Shares items among workers, one at a time for each, and hands the results on in the order of the items: after a crash
 * what is done is a beginning, without gaps. The first error ends it, once the others have done what they are at.
 */
export async function shareAmong<Worker, Item, Result>(
  workers: readonly Worker[],
  items: readonly Item[],
  { perform, onResult }: Sharing<Worker, Item, Result>,
): Promise<void> {
  const left = items.entries();
  const early = new Map<number, Result>();
  let due = 0;
  let failure: { error: unknown } | undefined;

  const handOn = (): void => {
    for (let item = items[due]; early.has(due) && item !== undefined; item = items[due]) {
      const result = early.get(due) as Result;
      early.delete(due);
      due += 1;
      onResult(item, result);
    }
  };
  const takeTurns = async (worker: Worker): Promise<void> => {
    for (let next = left.next(); !next.done && failure === undefined; next = left.next()) {
      const [index, item] = next.value;
      early.set(index, await perform(worker, item));
      handOn();
    }
  };
  await Promise.all(workers.map((worker) => takeTurns(worker).catch((error: unknown) => (failure ??= { error }))));
  if (failure !== undefined) throw failure.error;
}
