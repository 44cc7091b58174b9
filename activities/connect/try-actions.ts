import { findProgram } from '../../adapters/programs/find-program';
import { canConnect } from '../../adapters/application/can-connect';
import { finding, type Finding } from '../../contract/run/findings';
import type { ActionWithCheck, Application, Environment } from '../environment/environment';

/** Something that the settings have done by a command, or at an address. */
interface Means {
  what: string;
  by: { command: readonly string[] } | { address: string };
}

/**
 * Whether what the platform's actions and checks begin with is there: a program that this user may run, an address that takes
 * connections. Runs none of them, and sends nothing.
 */
export async function tryActions({ application }: Environment): Promise<Finding[]> {
  const means = [
    ...actionsOf(application).flatMap(([name, action]) => meansOf(name, action)),
    ...checksOf(application),
  ];
  if (means.length === 0) return [none];
  return Promise.all(means.map(look));
}

function actionsOf({ actions, planActions }: Application): [string, ActionWithCheck][] {
  return [...Object.entries(actions), ...Object.entries(planActions ?? {})];
}

const checksOf = ({ releaseChecks }: Application): Means[] =>
  releaseChecks.map(({ name, command }) => ({ what: `release check ${name}`, by: { command } }));

function meansOf(name: string, { action, check }: ActionWithCheck): Means[] {
  const what = `check of ${name}`;
  const ofCheck: Means[] =
    check === undefined ? [] : [{ what, by: 'get' in check ? { address: check.get } : { command: check.command } }];
  if ('person' in action) return ofCheck; // whom nobody can try
  const by = 'post' in action ? { address: action.post } : { command: action.command };
  return [{ what: name, by }, ...ofCheck];
}

const none: Finding = {
  check: 'actions',
  status: 'not covered',
  expected: 'actions of the platform',
  found: 'none in the settings, or people alone',
  remedy: 'add deploy and maintenance where a program can do them',
};

async function look({ what, by }: Means): Promise<Finding> {
  if ('address' in by) return lookAtAddress(what, by.address);
  const [program = ''] = by.command;
  const { file, because } = await findProgram(program);
  return finding(what, file !== undefined, {
    expected: 'a program that this user may run (it was not run)',
    found: file ?? `${program}: ${because}`,
    remedy: 'install it on this machine, make it executable, or correct the command in the settings',
  });
}

/** Of the address no more is shown than host and port: what follows may be a secret. */
async function lookAtAddress(what: string, address: string): Promise<Finding> {
  const { place, because } = await canConnect(address);
  return finding(what, because === undefined ? true : 'unknown', {
    expected: 'an address that takes connections (nothing was sent)',
    found: because === undefined ? place : `${place}: ${because}`,
    remedy: 'correct the address in the settings, or let this machine reach it',
  });
}
