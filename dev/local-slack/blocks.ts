import type { LocalBlock } from './store';

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: Fields, at: string) => string[];

/** What Slack would answer for these blocks; see docs.slack.dev/reference/block-kit/blocks for the limits. */
export type BlockVerdict =
  | { readonly blocks: readonly LocalBlock[] }
  | {
      readonly error: 'invalid_blocks_format' | 'invalid_blocks' | 'msg_blocks_too_long';
      readonly faults: readonly string[];
    };

// Not in Slack's documentation: blocks of about 13,200 characters in all were refused (slackapi/bolt-js issue 2509).
const MAX_ALL_BLOCKS = 13_000;

/** Parses the form field `blocks`; all faults at once, each with its place as Slack writes it. */
export function parseBlocks(json: string): BlockVerdict {
  return checkBlocks(parseArray(json));
}

/** The same for what was parsed; with `isView` for those of a dialog, which may ask for something. */
export function checkBlocks(blocks: unknown[] | undefined, isView = false): BlockVerdict {
  if (blocks === undefined) return { error: 'invalid_blocks_format', faults: [] };
  const faults = [
    ...(blocks.length > 50 ? [fault('no more than 50 items allowed', '/blocks')] : []),
    ...blocks.flatMap((block, index) => checkBlock(block, `/blocks/${index}`, isView)),
  ];
  if (faults.length > 0) return { error: 'invalid_blocks', faults };
  if (JSON.stringify(blocks).length > MAX_ALL_BLOCKS) return { error: 'msg_blocks_too_long', faults: [] };
  return { blocks: blocks as LocalBlock[] };
}

const kinds: Readonly<Record<string, Check>> = {
  divider: () => [],
  header: (block, at) => checkText(block['text'], `${at}/text`, 150, ['plain_text']),
  section: checkSection,
  context: (block, at) => checkItems(block['elements'], `${at}/elements`, 10, checkContextElement),
  actions: checkActions,
  image: checkImage,
};

function checkBlock(block: unknown, at: string, isView: boolean): string[] {
  if (!isFields(block)) return [fault('must be an object', at)];
  const known = isView ? { ...kinds, input: checkInput } : kinds;
  const check = typeof block['type'] === 'string' ? known[block['type']] : undefined;
  if (check === undefined) return [fault(`unsupported type: ${String(block['type'])}`, at)];
  const { block_id: blockId } = block;
  return [...check(block, at), ...(blockId === undefined ? [] : checkString(blockId, `${at}/block_id`, 255))];
}

/** Two elements of one name could not be told apart. */
function checkActions({ elements }: Fields, at: string): string[] {
  const ids = Array.isArray(elements) ? elements.map((element) => (element as Fields | null)?.['action_id']) : [];
  const named = ids.filter((id) => id !== undefined);
  return [
    ...checkItems(elements, `${at}/elements`, 25, checkButton),
    ...(new Set(named).size === named.length ? [] : [fault('`action_id` must be unique', `${at}/elements`)]),
  ];
}

/** Of a dialog: one line or several, as it was written. */
function checkInput({ label, hint, element }: Fields, at: string): string[] {
  const type = isFields(element) ? element['type'] : undefined;
  return [
    ...checkText(label, `${at}/label`, 2000, ['plain_text']),
    ...(hint === undefined ? [] : checkText(hint, `${at}/hint`, 2000, ['plain_text'])),
    ...(type === 'plain_text_input' ? [] : [fault('only plain_text_input is known here', `${at}/element`)]),
  ];
}

function checkSection(block: Fields, at: string): string[] {
  const { text, fields, accessory } = block;
  return [
    ...(text === undefined && fields === undefined ? [fault('missing required field: text or fields', at)] : []),
    ...(text === undefined ? [] : checkText(text, `${at}/text`, 3000)),
    ...(fields === undefined
      ? []
      : checkItems(fields, `${at}/fields`, 10, (field, place) => checkText(field, place, 2000))),
    ...(accessory === undefined ? [] : checkButton(accessory, `${at}/accessory`)),
  ];
}

function checkContextElement(element: unknown, at: string): string[] {
  return isFields(element) && element['type'] === 'image' ? checkImage(element, at) : checkText(element, at, 3000);
}

function checkButton(button: unknown, at: string): string[] {
  if (!isFields(button) || button['type'] !== 'button') return [fault('only buttons are known here', at)];
  const { action_id: actionId, value, url, style, confirm } = button;
  return [
    ...checkText(button['text'], `${at}/text`, 75, ['plain_text']),
    ...(actionId === undefined ? [] : checkString(actionId, `${at}/action_id`, 255)),
    ...(confirm === undefined ? [] : checkConfirm(confirm, `${at}/confirm`)),
    ...(value === undefined ? [] : checkString(value, `${at}/value`, 2000)),
    ...(url === undefined ? [] : checkString(url, `${at}/url`, 3000)),
    ...(style === undefined || style === 'primary' || style === 'danger'
      ? []
      : [fault('must be primary or danger', `${at}/style`)]),
  ];
}

function checkConfirm(confirm: unknown, at: string): string[] {
  if (!isFields(confirm)) return [fault('must be an object', at)];
  return [
    ...checkText(confirm['title'], `${at}/title`, 100, ['plain_text']),
    ...checkText(confirm['text'], `${at}/text`, 300, ['plain_text']),
    ...checkText(confirm['confirm'], `${at}/confirm`, 30, ['plain_text']),
    ...checkText(confirm['deny'], `${at}/deny`, 30, ['plain_text']),
  ];
}

function checkImage(image: Fields, at: string): string[] {
  return [
    ...checkString(image['image_url'], `${at}/image_url`, 3000),
    ...checkString(image['alt_text'], `${at}/alt_text`, 2000),
  ];
}

function checkText(text: unknown, at: string, max: number, types = ['mrkdwn', 'plain_text']): string[] {
  if (!isFields(text)) return [fault('missing required field: text', at)];
  if (!types.includes(String(text['type']))) return [fault(`must be ${types.join(' or ')}`, `${at}/type`)];
  return checkString(text['text'], `${at}/text`, max);
}

function checkItems(items: unknown, at: string, max: number, check: (item: unknown, at: string) => string[]): string[] {
  if (!Array.isArray(items) || items.length === 0) return [fault('must be a list of at least 1 item', at)];
  if (items.length > max) return [fault(`no more than ${max} items allowed`, at)];
  return items.flatMap((item, index) => check(item, `${at}/${index}`));
}

function checkString(text: unknown, at: string, max: number): string[] {
  if (typeof text !== 'string' || text.length === 0) return [fault('must be more than 0 characters', at)];
  return text.length > max ? [fault(`must be less than ${max + 1} characters`, at)] : [];
}

function parseArray(json: string): unknown[] | undefined {
  try {
    const parsed: unknown = JSON.parse(json);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const fault = (text: string, at: string) => `[ERROR] ${text} [json-pointer:${at}]`;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
