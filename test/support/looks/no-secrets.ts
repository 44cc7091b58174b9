import { recordHistories, textOf } from '../workflows/histories';
import type { RolloutStage } from '../stages/rollout-stage';

const codePattern = /\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b/gi;

export interface SecretSearch {
  /** Other texts to look into, by name: logs. */
  texts?: Record<string, string>;
  /** Codes that were sent to a run: its history has them, and nothing else may. */
  sent?: ReadonlySet<string>;
}

/**
 * Looks for keys, passwords, secrets of the settings and codes where anybody may read: in every history of the
 * namespace, in the channels, and in the given texts. Returns what was found, without its value: nothing.
 */
export async function secretsFound(
  stage: RolloutStage,
  { texts = {}, sent = new Set() }: SecretSearch = {},
): Promise<string[]> {
  const secrets = secretsOf(stage);
  const told = JSON.stringify(stage.slack.messages().filter(({ to }) => to !== undefined));
  const channels = JSON.stringify(stage.slack.messages().filter(({ to }) => to === undefined));
  // Parts of uuids look alike; codes of the people do stand in their direct messages.
  const codesIn = (text: string): string[] =>
    (text.match(codePattern) ?? []).filter((code) => told.includes(code.toUpperCase()));
  const found = (place: string, text: string, codes: string[]): string[] => [
    ...secrets.filter(([, value]) => text.includes(value)).map(([name]) => `${place}: ${name}`),
    ...(text.match(/sk-(staging|production)-/g) ?? []).map(() => `${place}: a plaintext key`),
    ...codes.map(() => `${place}: a code`),
  ];
  const recorded = await recordHistories(stage.client);
  if (recorded.length === 0) throw new Error('expected histories to look into, found none');
  return [
    ...recorded.flatMap((each) => {
      const text = textOf(each);
      return found(
        each.workflowId,
        text,
        codesIn(text).filter((code) => !sent.has(code)),
      );
    }),
    ...Object.entries({ channels, ...texts }).flatMap(([place, text]) => found(place, text, codesIn(text))),
  ];
}

function secretsOf({ settings, databases }: RolloutStage): [name: string, value: string][] {
  const ofSettings = Object.entries(settings.env).filter(([name]) => name !== 'RUBICON_CONFIG');
  const passwords = Object.entries(databases).map(([name, { url }]): [string, string] => [
    `password of ${name}`,
    new URL(url).password,
  ]);
  return [...ofSettings, ...passwords].filter(([, value]) => value !== '');
}
