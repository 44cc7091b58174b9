import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { faultLines, fieldName, inOrder, type Fault } from '../../contract/text/faults';
import { permanent } from '../../contract/run/failures';
import type { EnvironmentName, Role } from '../../contract/run/names';
import { parseSections } from '../../contract/text/parse-sections';
import { readYaml } from '../../contract/text/yaml-file';
import type { FindEnvironment } from '../../activities/environment/environment';
import { explainGone } from './settings-gone';
import { settingsOf, type Settings } from './settings-from-file';
import { dangers } from './settings-safety';
import { settingsSchema, type SettingsFile } from './settings-schema';
import type { SecretSource } from './settings-secrets';

export type { Settings } from './settings-from-file';

/** Settings that can't be used; its message has every fault with its place, and no secret. */
export class SettingsFault extends Error {
  override readonly name = 'SettingsFault';
  constructor(
    readonly file: string,
    readonly faults: readonly Fault[],
  ) {
    super(`The settings ${file} can't be used:\n${faultLines(faults)}`);
  }
}

/**
 * Parses the text of `rubicon.yaml`. Reads no file but those that `file:` names. Secrets are resolved for the given roles;
 * with none the shape alone is checked.
 *
 * @param fileName for places of faults; relative paths start at its folder
 * @returns settings, or all faults at once
 */
export function parseSettings(
  text: string,
  fileName: string,
  { env, roles }: Pick<SecretSource, 'env' | 'roles'>,
): { settings: Settings } | { faults: Fault[] } {
  const { file, faults: yamlFaults } = readYaml(text, fileName);
  if (file === undefined) return { faults: inOrder(yamlFaults) };
  const folder = dirname(resolve(fileName));
  const source: SecretSource = { env, folder, roles, secrets: new Set() };
  const { sections, faults } = parseSections(settingsSchema(source), file, { quotes: false });
  const unsafe = dangers(sections).map(({ path, message }) => ({
    place: file.placeOf(path),
    message: `${fieldName(path)}: ${message}`,
  }));
  const all = [...yamlFaults, ...explainGone(faults), ...unsafe];
  if (all.length > 0) return { faults: inOrder(all) };
  return { settings: settingsOf(sections as SettingsFile, source, resolve(fileName)) };
}

/** Reads and parses the settings file: the given one, else `RUBICON_CONFIG`, else `rubicon.yaml`. @throws SettingsFault */
export function loadSettings({
  roles,
  env = process.env,
  file = env['RUBICON_CONFIG'] ?? 'rubicon.yaml',
}: {
  roles: readonly Role[];
  env?: SecretSource['env'];
  file?: string;
}): Settings {
  const parsed = parseSettings(textOf(file), file, { env, roles });
  if ('faults' in parsed) throw new SettingsFault(file, parsed.faults);
  return parsed.settings;
}

/**
 * The environment of a target by name, for the activities of one role.
 *
 * @throws `InvalidInput` for a target that the settings lack
 */
export const findEnvironment =
  ({ targets }: Pick<Settings, 'targets'>, name: EnvironmentName): FindEnvironment =>
  (target) => {
    const found = targets.find((each) => each.name === target)?.[name];
    if (found !== undefined) return found;
    const known = targets.flatMap((each) => (each[name] ? [each.name] : []));
    throw permanent(
      'InvalidInput',
      `expected a target that the ${name} worker has in its settings (${known.join(', ')}), found "${target}"`,
    );
  };

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    const message = `expected the settings file (${code}); copy rubicon.example.yaml, or set RUBICON_CONFIG to its path`;
    throw new SettingsFault(file, [{ place: file, message }]);
  }
}
