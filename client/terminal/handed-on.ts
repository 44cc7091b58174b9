import type { Terminal } from './terminal';

/** Words that are whole programs of their own. */
export const handedOn = {
  demo: 'carries a plan through a local stack, from start to done',
  worker: 'runs workers: --roles control,staging,production (default: all)',
  doctor: 'checks the settings; --connect tries everything they name; --install-sql prints the schema for a DBA',
} as const;

/**
 * Runs one of them. The only place from which the client reaches `dev/` and `worker/`: they bring in the worker's native
 * code and every driver, so they are loaded when wanted and at no other time.
 */
export function handOn(word: keyof typeof handedOn, args: string[]): Promise<number> {
  switch (word) {
    case 'demo':
      return (require('../../dev/demo/demo') as typeof import('../../dev/demo/demo')).demo(args);
    case 'worker':
      return (require('../../worker/main') as typeof import('../../worker/main')).worker(args);
    case 'doctor':
      return (require('../../worker/doctor/doctor') as typeof import('../../worker/doctor/doctor')).doctor(args);
  }
}

/** `plan new` looks into a database, as no other word does. */
export const newPlan = (args: string[], terminal: Terminal): Promise<number> =>
  (require('../../worker/plan-new/plan-new') as typeof import('../../worker/plan-new/plan-new')).planNew(
    args,
    terminal,
  );
