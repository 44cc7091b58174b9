import { checkBlocks } from './blocks';
import type { Call } from './call';
import { Refusal } from './refusal';

type Fields = Readonly<Record<string, unknown>>;

/** `views.open`: a dialog for whoever has clicked within the last 3 s. */
export function openView({ form, bot, interactions }: Call) {
  const view = parseView(form.get('view'));
  const trigger = form.get('trigger_id') ?? '';
  const opened = interactions.openView(bot, trigger, view);
  if ('refused' in opened) throw new Refusal(opened.refused);
  return { view: { id: opened.id, ...view } };
}

function parseView(json: string | null): Fields {
  const view = parse(json);
  if (view?.['type'] !== 'modal') throw new Refusal('invalid_arguments');
  const verdict = checkBlocks(Array.isArray(view['blocks']) ? (view['blocks'] as unknown[]) : undefined, true);
  const faults = [
    ...('error' in verdict ? [verdict.error, ...verdict.faults] : []),
    ...['title', 'submit', 'close']
      .filter((name) => !isShort(view[name]))
      .map((name) => `${name}: at most 24 characters`),
    ...(String(view['callback_id'] ?? '').length > 255 ? ['callback_id: at most 255 characters'] : []),
    ...(String(view['private_metadata'] ?? '').length > 3_000 ? ['private_metadata: at most 3000 characters'] : []),
  ];
  if (faults.length > 0) throw new Refusal('invalid_arguments', { response_metadata: { messages: faults } });
  return view;
}

const isShort = (text: unknown): boolean => {
  const { type, text: value } = (text ?? {}) as Fields;
  return type === 'plain_text' && typeof value === 'string' && value.length > 0 && value.length <= 24;
};

function parse(json: string | null): Fields | undefined {
  try {
    return JSON.parse(json ?? '') as Fields;
  } catch {
    return undefined;
  }
}
