import { finding, type Finding } from '../../contract/run/findings';
import { callApplication } from '../environment/call-application';
import { readHealth, type Health } from '../environment/read-health';
import type { Session } from '../environment/session';

/** Whether the application answers, and says which release serves. One call or two, without a key. */
export async function tryApplication({ environment, signal }: Omit<Session, 'client'>): Promise<Finding[]> {
  const { application } = environment;
  const { health, url } = application;
  const remedy = 'correct "url" of the application, or let this machine reach it';
  const { status, failure } = await callApplication(application, { path: health?.path ?? '/', key: 'none', signal });
  const answers = finding('URL', status === undefined ? 'unknown' : true, {
    expected: 'an answer',
    found:
      status === undefined ? `none from ${url} (${failure?.message ?? 'unknown'})` : `status ${status} from ${url}`,
    remedy,
  });
  if (health === undefined) return [answers, byDeploy];
  const answer = await readHealth(application, health, signal);
  return [answers, ...(status === undefined ? [] : [judgeHealth(answer, health)])];
}

const judgeHealth = (
  { healthy, release, found }: Health,
  { path, release: field }: { path: string; release: string },
): Finding =>
  finding('health', healthy && release !== undefined, {
    expected: `status 2xx at ${path}, and the serving release as "${field}"`,
    found,
    remedy: healthy
      ? 'name the field that holds the release (health.release), or leave "health" out: then the check of "deploy" tells it'
      : 'find out why the application is not healthy, or correct health.path',
  });

/** It is asked about the releases of a plan, so that before there is one it has nothing to say. */
const byDeploy: Finding = {
  check: 'health',
  status: 'not covered',
  expected: 'a health answer that names the release',
  found: 'none in the settings; the check of "deploy" tells it',
  remedy: 'preflight of a plan asks that check',
};
