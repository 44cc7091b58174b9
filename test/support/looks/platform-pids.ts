import type { SamplePlatform } from '../../../dev/sample-platform/process';
import { ask } from '../stages/sample-stage';

/** The platform's process, and that of the application which it has started. */
export async function pidsOf({ pid, controlUrl }: Pick<SamplePlatform, 'pid' | 'controlUrl'>): Promise<number[]> {
  const { body } = await ask(`${controlUrl}/state`, {});
  return [pid, Number(body.pid)];
}
