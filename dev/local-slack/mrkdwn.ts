/** Name of a person or channel by its Slack id; `undefined` if nobody has it. */
export type NameOf = (id: string) => string | undefined;

/**
 * Slack's mrkdwn as HTML. Every character of the input is escaped on its way out; only the marks that Slack knows become
 * elements, and only http, https and mailto become links.
 */
export function mrkdwnToHtml(mrkdwn: string, nameOf: NameOf): string {
  return mrkdwn
    .split(/```\n?([\s\S]*?)\n?```\n?/)
    .map((part, index) => (index % 2 === 1 ? codeBlock(part) : lines(part, nameOf)))
    .join('');
}

/** Plain text (headers, buttons) as HTML: no marks but emoji names and line breaks. */
export const plainToHtml = (text: string): string => withBreaks(emoji(escapeHtml(text)));

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const codeBlock = (code: string) =>
  `<div class="code"><button type="button" class="copy" data-copy>Copy</button><pre>${escapeHtml(decode(code))}</pre></div>`;

/** Lines that begin with `>` are one quotation as long as they follow each other. */
function lines(text: string, nameOf: NameOf): string {
  return text
    .split(/((?:^(?:>|&gt;).*(?:\n|$))+)/m)
    .map((part, index) => {
      if (index % 2 === 0) return withBreaks(inline(part, nameOf));
      const quoted = part.replace(/^(?:>|&gt;) ?/gm, '').replace(/\n$/, '');
      return `<blockquote>${withBreaks(inline(quoted, nameOf))}</blockquote>`;
    })
    .join('');
}

// Code first, since nothing inside it is a mark; a mark stands at the border of a word, as on Slack.
const marks =
  /`(?<code>[^`\n]+)`|<(?<angle>[^<>\n]+)>|(?<![\w*])\*(?<bold>[^\s*](?:[^*\n]*[^\s*])?)\*(?![\w*])|(?<![\w_])_(?<italic>[^\s_](?:[^_\n]*[^\s_])?)_(?![\w_])|(?<![\w~])~(?<strike>[^\s~](?:[^~\n]*[^\s~])?)~(?![\w~])/g;

function inline(text: string, nameOf: NameOf): string {
  let html = '';
  let end = 0;
  for (const match of text.matchAll(marks)) {
    html += literal(text.slice(end, match.index)) + mark(match.groups ?? {}, nameOf);
    end = match.index + match[0].length;
  }
  return html + literal(text.slice(end));
}

function mark(found: Record<string, string | undefined>, nameOf: NameOf): string {
  const { code, angle, bold, italic, strike } = found;
  if (code !== undefined) return `<code>${escapeHtml(decode(code))}</code>`;
  if (angle !== undefined) return reference(angle, nameOf);
  if (bold !== undefined) return `<strong>${inline(bold, nameOf)}</strong>`;
  if (italic !== undefined) return `<em>${inline(italic, nameOf)}</em>`;
  return `<s>${inline(strike ?? '', nameOf)}</s>`;
}

/** What stands between angle brackets: a person, a channel, a group, a date or a link. */
function reference(angle: string, nameOf: NameOf): string {
  const [target = '', label] = angle.split('|', 2);
  const mention = (text: string) => `<span class="mention">${literal(text)}</span>`;
  if (target.startsWith('@')) return mention(`@${nameOf(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith('#')) return mention(`#${nameOf(target.slice(1)) ?? label ?? target.slice(1)}`);
  if (target.startsWith('!date^')) return literal(label ?? target);
  if (target.startsWith('!')) return mention(`@${target.slice(1)}`);
  if (!/^(?:https?:\/\/|mailto:)/i.test(target)) return literal(`<${angle}>`);
  const url = escapeHtml(decode(target));
  return `<a href="${url}" target="_blank" rel="noopener noreferrer">${label === undefined ? url : literal(label)}</a>`;
}

const literal = (text: string) => emoji(escapeHtml(decode(text)));

/** The three entities in which Slack wants text to be sent. */
const decode = (text: string) => text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

const withBreaks = (html: string) => html.replace(/\n/g, '<br>');

// Signs that every font has, instead of pictures that a headless browser may lack.
const signs: Readonly<Record<string, readonly [sign: string, tone: 'good' | 'bad' | 'wait']>> = {
  white_check_mark: ['✓', 'good'],
  heavy_check_mark: ['✓', 'good'],
  large_green_circle: ['●', 'good'],
  tada: ['✓', 'good'],
  x: ['✗', 'bad'],
  no_entry: ['✗', 'bad'],
  rotating_light: ['⚠', 'bad'],
  red_circle: ['●', 'bad'],
  warning: ['⚠', 'wait'],
  large_yellow_circle: ['●', 'wait'],
  hourglass_flowing_sand: ['◷', 'wait'],
  white_circle: ['○', 'wait'],
};

const emoji = (html: string) =>
  html.replace(/:([a-z0-9_+-]+):/g, (whole, name: string) => {
    const [sign, tone] = signs[name] ?? [];
    return sign === undefined ? whole : `<span class="sign ${tone}">${sign}</span>`;
  });
