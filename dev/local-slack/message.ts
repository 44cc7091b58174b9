import { escapeHtml, mrkdwnToHtml, plainToHtml, type NameOf } from './mrkdwn';
import type { LocalView } from './interactions';
import type { LocalBlock, LocalMessage } from './store';

type Fields = Readonly<Record<string, unknown>>;

/** One message with the thread below it. */
export function renderMessage(message: LocalMessage, thread: readonly LocalMessage[], nameOf: NameOf): string {
  const replies = thread.map((reply, index) => renderPost(reply, nameOf, follows(reply, thread[index - 1]))).join('');
  const count = thread.length === 1 ? '1 reply' : `${thread.length} replies`;
  return `<li class="message">${renderPost(message, nameOf)}${
    thread.length === 0 ? '' : `<div class="thread"><p class="count">${count}</p>${replies}</div>`
  }</li>`;
}

/** As in Slack: who writes on soon after is not named again. */
const follows = (reply: LocalMessage, previous: LocalMessage | undefined) =>
  previous?.from === reply.from && Number(reply.ts) - Number(previous.ts) < 300;

function renderPost(message: LocalMessage, nameOf: NameOf, following = false): string {
  const { app, from, ts, postedAt, editedAt, text, blocks, channel, to, onlyFor } = message;
  const shown = blocks.length === 0 ? [{ type: 'section', text: { type: 'mrkdwn', text } }] : blocks;
  const body = shown.map((block) => renderBlock(block, nameOf)).join('');
  const alone = onlyFor === undefined ? '' : '<p class="alone">Only visible to this person</p>';
  const edited = editedAt === undefined ? '' : `<span class="edited">edited ${clock(editedAt)}</span>`;
  const time = `<a class="time" href="#m${escapeHtml(ts)}"><time datetime="${escapeHtml(postedAt)}">${clock(postedAt)}</time></a>`;
  const head = `<header><b>${escapeHtml(app)}</b><span class="tag">App</span>${time}${edited}</header>`;
  // Whose page it is clicks: in a channel it would not be known who that is.
  const clicks = `data-channel="${escapeHtml(channel)}" data-ts="${escapeHtml(ts)}" data-user="${escapeHtml(to ?? '')}"`;
  return `<article class="post" id="m${escapeHtml(ts)}" ${clicks}>${following ? time : avatar(app, from, 'app')}<div class="content">${
    following ? '' : head
  }${alone}${body}${following ? edited : ''}</div></article>`;
}

function renderBlock(block: LocalBlock, nameOf: NameOf): string {
  const render = renderers[block.type];
  return render === undefined
    ? `<div class="block context">${escapeHtml(`A block of type ${block.type} is not shown here.`)}</div>`
    : render(block, nameOf);
}

const renderers: Readonly<Record<string, (block: Fields, nameOf: NameOf) => string>> = {
  divider: () => '<hr>',
  header: ({ text }, nameOf) => `<h3 class="block">${renderText(text, nameOf)}</h3>`,
  section: ({ text, fields, accessory }, nameOf) =>
    `<div class="block section"><div class="text">${text === undefined ? '' : renderText(text, nameOf)}${
      Array.isArray(fields)
        ? `<div class="fields">${fields.map((field) => `<div>${renderText(field, nameOf)}</div>`).join('')}</div>`
        : ''
    }</div>${accessory === undefined ? '' : renderButton(accessory as Fields)}</div>`,
  context: ({ elements }, nameOf) =>
    `<div class="block context">${list(elements)
      .map(
        (element) => `<span>${element['type'] === 'image' ? renderImage(element) : renderText(element, nameOf)}</span>`,
      )
      .join('')}</div>`,
  actions: ({ elements }) => `<div class="block actions">${list(elements).map(renderButton).join('')}</div>`,
  image: (image) => `<div class="block">${renderImage(image)}</div>`,
};

/** A click of it is sent to the app. A button with a link is a link. */
function renderButton({ text, style, url, action_id: action, confirm }: Fields): string {
  const label = plainToHtml(textOf(text));
  const look = style === 'primary' || style === 'danger' ? `button ${style}` : 'button';
  if (typeof url === 'string' && /^https?:\/\//i.test(url)) {
    return `<a class="${look}" href="${escapeHtml(url)}" target="_blank" rel="noopener noreferrer">${label}</a>`;
  }
  if (typeof action !== 'string') return `<button type="button" class="${look}" disabled>${label}</button>`;
  const asks = confirm === undefined ? '' : ` data-confirm="${escapeHtml(JSON.stringify(wordsOf(confirm as Fields)))}"`;
  return `<button type="button" class="${look}" data-action="${escapeHtml(action)}"${asks}>${label}</button>`;
}

const wordsOf = (fields: Fields) =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, textOf(text)]));

/** A dialog before the person whose page it is. */
export function renderView({ id, view, errors }: LocalView, nameOf: NameOf): string {
  const blocks = list(view['blocks']).map((block) =>
    block['type'] === 'input' ? renderInput(block, errors) : renderBlock(block as LocalBlock, nameOf),
  );
  const button = (name: string, look: string) =>
    `<button type="button" class="button ${look}" data-view-${name}="${escapeHtml(id)}">${plainToHtml(textOf(view[name]))}</button>`;
  return `<div class="shade"><section class="dialog" role="dialog" aria-modal="true" data-view="${escapeHtml(id)}">
<h2>${plainToHtml(textOf(view['title']))}</h2>${blocks.join('')}
<p class="choices">${button('close', '')}${button('submit', 'primary')}</p></section></div>`;
}

function renderInput({ block_id: block, label, hint }: Fields, errors: LocalView['errors']): string {
  const name = escapeHtml(String(block));
  const fault = errors[String(block)];
  return `<label class="block">${plainToHtml(textOf(label))}<textarea name="${name}" rows="4"></textarea>${
    fault === undefined ? '' : `<span class="fault">${escapeHtml(fault)}</span>`
  }<small>${plainToHtml(textOf(hint))}</small></label>`;
}

/** Images of elsewhere are not loaded: their description stands for them. */
const renderImage = ({ alt_text: alt }: Fields) => `<span class="image">${escapeHtml(String(alt))}</span>`;

const renderText = (text: unknown, nameOf: NameOf) =>
  (text as Fields)['type'] === 'plain_text' ? plainToHtml(textOf(text)) : mrkdwnToHtml(textOf(text), nameOf);

const textOf = (text: unknown) => String((text as Fields | undefined)?.['text'] ?? '');

const list = (items: unknown) => (Array.isArray(items) ? (items as Fields[]) : []);

const clock = (at: string) => new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });

/** Initials on a colour that belongs to the id. */
export function avatar(name: string, id: string, kind: 'app' | 'person'): string {
  const initials = name
    .split(/\s+/)
    .map((word) => word.charAt(0).toUpperCase())
    .slice(0, 2)
    .join('');
  const colour = [...id].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 6, 0);
  return `<span class="avatar ${kind} colour${colour}" aria-hidden="true">${escapeHtml(initials)}</span>`;
}
