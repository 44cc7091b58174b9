/** A layout block as Slack's Block Kit describes it. */
export type SlackBlock = { readonly type: string; readonly [field: string]: unknown };

/** What is posted: `text` is the notification, and what is shown where blocks are not. */
export interface SlackMessage {
  text: string;
  blocks: SlackBlock[];
}

/** Slack refuses longer ones: a section 3,000 characters, a header 150, all blocks together about 13,000. */
const sectionLimit = 2_900;
const headerLimit = 150;
const messageLimit = 12_500;

/** `verbatim`: Slack makes no links or mentions of its own out of what people wrote. */
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text, verbatim: true });

/** Plain text, cut to what Slack takes. */
export const header = (text: string): SlackBlock => ({
  type: 'header',
  text: { type: 'plain_text', text: cut(text, headerLimit), emoji: false },
});

/** `text` is mrkdwn whose own characters the caller has escaped; cut to what Slack takes. */
export const section = (text: string): SlackBlock => ({
  type: 'section',
  // An entity that is cut in half goes as a whole.
  text: mrkdwn(text.length <= sectionLimit ? text : `${text.slice(0, sectionLimit - 1).replace(/&[a-z]*$/, '')}…`),
});

/** Lines below a title: as many of the first as go into one section, then how many more there are. */
export function listSection(title: string, lines: readonly string[]): SlackBlock[] {
  if (lines.length === 0) return [];
  const count = fittingCount(lines, title);
  const left = lines.length - count;
  return [section([title, ...lines.slice(0, count), ...(left > 0 ? [`… and ${left} more`] : [])].join('\n'))];
}

/** The same with the last lines: where the latest counts. */
export function latestSection(title: string, lines: readonly string[]): SlackBlock[] {
  if (lines.length === 0) return [];
  const left = lines.length - fittingCount([...lines].reverse(), title);
  return [section([title, ...(left > 0 ? [`… ${left} earlier`] : []), ...lines.slice(left)].join('\n'))];
}

/** How many of these lines go into one section together with a title and a remark about the others. */
function fittingCount(lines: readonly string[], title: string): number {
  let rest = sectionLimit - title.length - 40;
  const tooMuch = lines.findIndex((line) => (rest -= line.length + 1) < 0);
  return tooMuch === -1 ? lines.length : tooMuch;
}

/** Small print. Slack takes at most 10 texts; the others are left out. */
export const context = (...texts: string[]): SlackBlock => ({
  type: 'context',
  elements: texts.slice(0, 10).map((text) => mrkdwn(text)),
});

/** The first rendering that Slack takes: with full texts, else with ever shorter ones. */
export function fitting(render: (characters: number) => SlackBlock[]): SlackBlock[] {
  for (const characters of [400, 150, 60]) {
    const blocks = render(characters);
    if (JSON.stringify(blocks).length <= messageLimit && blocks.length <= 50) return blocks;
  }
  return render(20);
}

const cut = (text: string, limit: number): string => {
  const characters = [...text];
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`;
};
