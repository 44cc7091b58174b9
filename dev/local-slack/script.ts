/**
 * What runs in the browser: asks once a second for changes and shows them where the reader is; copies a code block; clicks buttons, with
 * the question that some of them ask first, and sends dialogs. While a dialog is written into nothing is shown anew.
 * Kept as text, since it is the only code of ours that does not run in Node.
 */
export const pageScript = `'use strict';
const app = document.getElementById('app');
const toEnd = () => { const list = document.getElementById('scroll'); list.scrollTop = list.scrollHeight; };

const isWriting = () => app.querySelector('.shade') !== null;

async function refresh(force = false) {
  try {
    if (isWriting() && !force) return;
    const answer = await fetch(location.pathname + '?known=' + encodeURIComponent(app.dataset.version));
    if (answer.status === 200) {
      const { version, html } = await answer.json();
      const before = document.getElementById('scroll');
      const atEnd = before.scrollHeight - before.scrollTop - before.clientHeight < 40;
      const { scrollTop } = before;
      app.innerHTML = html; // escaped by the server; the content security policy runs nothing in it
      app.dataset.version = version;
      if (atEnd) toEnd(); else document.getElementById('scroll').scrollTop = scrollTop;
    }
    setLive(true);
  } catch {
    setLive(false);
  } finally {
    if (!force) setTimeout(refresh, 1000);
  }
}

function setLive(live) {
  const mark = document.getElementById('live');
  mark.textContent = live ? 'Live' : 'Not reachable, trying again';
  mark.classList.toggle('off', !live);
}

const post = async (path, body) => (await fetch(path, { method: 'POST', body: JSON.stringify(body) })).json();

/** As Slack asks it; resolves with whether it was confirmed. */
const confirmed = ({ title, text, confirm, deny }) => new Promise((resolve) => {
  const shade = document.createElement('div');
  shade.className = 'shade';
  const dialog = document.createElement('section');
  dialog.className = 'dialog';
  dialog.setAttribute('role', 'dialog');
  const add = (kind, words, look) => {
    const part = document.createElement(kind);
    part.textContent = words;
    part.className = look;
    dialog.append(part);
    return part;
  };
  add('h2', title, '');
  add('p', text, 'block');
  const end = (answer) => { shade.remove(); resolve(answer); };
  add('button', deny, 'button').onclick = () => end(false);
  add('button', confirm, 'button primary').onclick = () => end(true);
  shade.append(dialog);
  app.append(shade);
});

async function press(button) {
  const { channel, ts, user } = button.closest('[data-ts]').dataset;
  const { action, confirm } = button.dataset;
  if (user === '' || (confirm !== undefined && !(await confirmed(JSON.parse(confirm))))) return;
  const { isAcknowledged } = await post('/local/click', { user, channel, ts, actionId: action });
  if (!isAcknowledged) button.insertAdjacentHTML('afterend', '<span class="fault">⚠ The app did not respond. Try again.</span>');
  if (isAcknowledged) setTimeout(() => refresh(true), 300);
}

async function submit(view) {
  const dialog = app.querySelector('[data-view="' + view + '"]');
  const values = Object.fromEntries([...dialog.querySelectorAll('textarea')].map(({ name, value }) => [name, value]));
  const { isAcknowledged, response } = await post('/local/submit', { view, values });
  dialog.querySelectorAll('.fault').forEach((fault) => fault.remove());
  const say = (at, words) => at.insertAdjacentElement('afterend', Object.assign(document.createElement('span'), { className: 'fault', textContent: words }));
  if (!isAcknowledged) return say(dialog.querySelector('h2'), '⚠ The app did not respond. Try again.');
  for (const [name, words] of Object.entries(response?.errors ?? {})) say(dialog.querySelector('[name="' + name + '"]'), words);
  if (response?.response_action !== 'errors') refresh(true);
}

document.addEventListener('click', async ({ target }) => {
  if (target.matches('[data-action]')) return press(target);
  if (target.matches('[data-view-submit]')) return submit(target.dataset.viewSubmit);
  if (target.matches('[data-view-close]')) {
    await post('/local/dismiss', { view: target.dataset.viewClose });
    return refresh(true);
  }
  if (!target.matches('[data-copy]')) return;
  await navigator.clipboard.writeText(target.nextElementSibling.textContent);
  target.textContent = 'Copied';
  setTimeout(() => { target.textContent = 'Copy'; }, 1500);
});

if (location.hash === '') toEnd();
setTimeout(refresh, 1000);
`;
