/**
 * What runs in the browser: asks once a second for changes and shows them where the reader is; copies a code block.
 * Kept as text, since it is the only code of ours that does not run in Node.
 */
export const pageScript = `'use strict';
const app = document.getElementById('app');
const toEnd = () => { const list = document.getElementById('scroll'); list.scrollTop = list.scrollHeight; };

async function refresh() {
  try {
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
  }
  setTimeout(refresh, 1000);
}

function setLive(live) {
  const mark = document.getElementById('live');
  mark.textContent = live ? 'Live' : 'Not reachable, trying again';
  mark.classList.toggle('off', !live);
}

document.addEventListener('click', async ({ target }) => {
  if (!target.matches('[data-copy]')) return;
  await navigator.clipboard.writeText(target.nextElementSibling.textContent);
  target.textContent = 'Copied';
  setTimeout(() => { target.textContent = 'Copy'; }, 1500);
});

if (location.hash === '') toEnd();
setTimeout(refresh, 1000);
`;
