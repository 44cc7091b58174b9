import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Interactions } from './interactions';
import { avatar, renderMessage, renderView } from './message';
import { escapeHtml, type NameOf } from './mrkdwn';
import { pageScript } from './script';
import { directChannel, type LocalMessage, type Store } from './store';

// Nothing from elsewhere is loaded, and no markup of a message can run anything.
const POLICY =
  "default-src 'none'; img-src data:; style-src 'self'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

/** One conversation as the page shows it. */
interface View {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly note?: string;
  readonly messages: readonly LocalMessage[];
  /** Those that stand open before this person. */
  readonly dialogs?: ReturnType<Interactions['views']>;
}

/** The page for people: `/`, `/c/<id of a channel, a person or a direct message>`, its style and its script. */
export function servePage(
  url: URL,
  response: ServerResponse,
  { store, interactions }: { store: Store; interactions: Interactions },
): void {
  const send = (status: number, type: string, body: string) =>
    response
      .writeHead(status, {
        'content-type': `${type}; charset=utf-8`,
        'cache-control': 'no-store',
        'content-security-policy': POLICY,
      })
      .end(body);
  if (url.pathname === '/page.css')
    return void send(200, 'text/css', readFileSync(join(__dirname, 'local-slack.css'), 'utf8'));
  if (url.pathname === '/page.js') return void send(200, 'text/javascript', pageScript);
  if (url.pathname === '/') return void response.writeHead(302, { location: `/c/${firstConversation(store)}` }).end();

  const found = findView(store, decodeURIComponent(url.pathname.replace(/^\/c\//, '')));
  if (found === undefined) return void send(404, 'text/html', renderPage(store, missing));
  const view = { ...found, dialogs: interactions.views(found.id) };
  const known = url.searchParams.get('known');
  if (known === null) return void send(200, 'text/html', renderPage(store, view));
  // The page asks again every second: an answer only if there is something new.
  if (known === store.version()) return void response.writeHead(204).end();
  send(200, 'application/json', JSON.stringify({ version: store.version(), html: renderApp(store, view) }));
}

const missing: View = { id: '', title: 'Not found', about: 'There is no such channel or person.', messages: [] };

const firstConversation = (store: Store) => store.channels[0]?.id ?? store.users[0]?.id ?? '';

function findView(store: Store, id: string): View | undefined {
  const channel = store.channels.find((known) => known.id === id);
  if (channel !== undefined) {
    return { id, title: `# ${channel.name}`, about: channel.topic ?? '', messages: store.messages({ channel: id }) };
  }
  const user = store.users.find(
    (known) => known.id === id || store.bots.some((bot) => directChannel(bot, known.id) === id),
  );
  if (user === undefined) return undefined;
  const messages = store.messages(user.id === id ? { user: id } : { channel: id });
  const note = `The direct messages of ${user.realName}. In Slack no one else sees them.`;
  return { id: user.id, title: user.realName, about: user.title ?? '', note, messages };
}

function renderPage(store: Store, view: View): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(view.title)} · Local Slack</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
</head>
<body><div id="app" data-version="${escapeHtml(store.version())}">${renderApp(store, view)}</div></body>
</html>`;
}

function renderApp(store: Store, view: View): string {
  const { id, title, about, note, messages, dialogs = [] } = view;
  const nameOf: NameOf = (sought) =>
    store.users.find((user) => user.id === sought)?.realName ??
    store.channels.find((channel) => channel.id === sought)?.name ??
    store.bots.find((bot) => bot.userId === sought)?.name;
  return `${renderSidebar(store, id)}
<main>
  <header class="top">
    <div><h1>${escapeHtml(title)}</h1><p>${escapeHtml(about)}</p></div>
  </header>
  <div class="scroll" id="scroll">
    ${note === undefined ? '' : `<p class="note">${escapeHtml(note)}</p>`}
    ${messages.length === 0 ? '<p class="empty">Nothing here yet. New messages appear by themselves.</p>' : renderDays(messages, nameOf)}
  </div>
</main>${dialogs.map((dialog) => renderView(dialog, nameOf)).join('')}`;
}

/** Messages oldest first, a line between two days; replies stand under their message. */
function renderDays(messages: readonly LocalMessage[], nameOf: NameOf): string {
  let day = '';
  const items = messages
    .filter(({ threadTs }) => threadTs === undefined)
    .map((message) => {
      const date = new Date(message.postedAt).toLocaleDateString('en-GB', {
        weekday: 'long',
        day: 'numeric',
        month: 'long',
      });
      const line = date === day ? '' : `<li class="day"><span>${escapeHtml(date)}</span></li>`;
      day = date;
      return (
        line +
        renderMessage(
          message,
          messages.filter(({ threadTs }) => threadTs === message.ts),
          nameOf,
        )
      );
    });
  return `<ol class="messages">${items.join('')}</ol>`;
}

function renderSidebar(store: Store, current: string): string {
  const entry = (id: string, label: string, count: number) =>
    `<li><a href="/c/${encodeURIComponent(id)}"${id === current ? ' aria-current="page"' : ''}>${label}${
      count === 0 ? '' : `<span class="number">${count}</span>`
    }</a></li>`;
  const channels = store.channels.map(({ id, name }) =>
    entry(
      id,
      `<span class="hash">#</span><span class="name">${escapeHtml(name)}</span>`,
      store.messages({ channel: id }).length,
    ),
  );
  const people = store.users.map(({ id, realName }) =>
    entry(
      id,
      `${avatar(realName, id, 'person')}<span class="name">${escapeHtml(realName)}</span>`,
      store.messages({ user: id }).length,
    ),
  );
  return `<nav>
  <p class="workspace">Local Slack<small>a stand-in, on this machine only</small></p>
  <h2>Channels</h2><ul>${channels.join('')}</ul>
  <h2>Direct messages</h2><ul>${people.join('')}</ul>
  <p class="live" id="live">Live</p>
</nav>`;
}
