import type { Call, Content } from './traffic-request';

/** Rows that each owner remembers to ask for again; old ones are forgotten, so a run may last for days. */
const REMEMBERED_ROWS = 20;

interface Remembered {
  id: string;
  label: string;
}

interface OwnerRows {
  sessions: Remembered[];
  assistants: Remembered[];
}

type Collection = keyof OwnerRows;
type Turn = 'create' | 'list' | 'get' | 'stranger' | 'wrong key' | 'anonymous';

/** What clients do most: read. A fixed order, so that two runs send the same. */
const turns: Turn[] = ['list', 'get', 'create', 'get', 'get', 'wrong key', 'get', 'list', 'create', 'get', 'anonymous'];
/** The column that tells whether an answer is the row that was asked for. */
const labels: Record<Collection, string> = { sessions: 'title', assistants: 'name' };

/** Gives the calls of the traffic, one after the other: the owners take turns, and so do sessions and assistants. */
export function openTrafficCalls(keys: readonly string[], strangers: boolean) {
  const order: Turn[] = strangers ? [...turns, 'stranger'] : turns;
  const rows = keys.map((): OwnerRows => ({ sessions: [], assistants: [] }));
  let count = 0;

  function next(): Call {
    const place = count % order.length;
    const round = Math.floor(count / order.length);
    count += 1;
    // Two rounds an owner: what was a session in the first is an assistant in the second.
    const owner = Math.floor(round / 2) % keys.length;
    const collection: Collection = (place + round) % 2 === 0 ? 'sessions' : 'assistants';
    const key = keys[owner]!;
    const mine = rows[owner]![collection];
    const row = mine[count % Math.max(mine.length, 1)];

    switch (order[place]!) {
      case 'create':
        return create(collection, key, mine, `Traffic ${count}`);
      case 'list':
        return list(collection, key, mine);
      case 'get':
        return row ? get(collection, key, row) : list(collection, key, mine);
      case 'stranger': {
        const stranger = keys[(owner + 1) % keys.length]!;
        return row ? refused(`/api/v1/${collection}/${row.id}`, stranger, 404) : list(collection, key, mine);
      }
      case 'wrong key':
        return refused(`/api/v1/${collection}`, `${key} (wrong)`, 401);
      case 'anonymous':
        return {
          method: 'GET',
          path: `/api/v1/${collection}`,
          expectedStatus: 200,
          check: ({ items }) => leaks(items),
        };
    }
  }
  return { next };
}

function create(collection: Collection, key: string, mine: Remembered[], label: string): Call {
  return {
    method: 'POST',
    path: `/api/v1/${collection}`,
    key,
    body: { [labels[collection]]: label },
    expectedStatus: 201,
    check(content) {
      remember(mine, { id: content.id, label });
      return differs(collection, content, label) ?? leaks([content]);
    },
  };
}

/** The list must hold the row that its owner created last: an empty list is a quiet failure as well. */
function list(collection: Collection, key: string, mine: Remembered[]): Call {
  const last = mine.at(-1);
  return {
    method: 'GET',
    path: `/api/v1/${collection}`,
    key,
    expectedStatus: 200,
    check({ items }) {
      const [newest] = items;
      if (!newest) return 'an empty list';
      if (last && !items.some(({ id }) => id === last.id)) return `a list without ${last.id}`;
      if (mine.length === 0) remember(mine, { id: newest.id, label: String(newest[labels[collection]]) });
      return leaks(items);
    },
  };
}

function get(collection: Collection, key: string, { id, label }: Remembered): Call {
  return {
    method: 'GET',
    path: `/api/v1/${collection}/${id}`,
    key,
    expectedStatus: 200,
    check: (content) => (content.id === id ? differs(collection, content, label) : `the row ${content.id}`),
  };
}

function refused(path: string, key: string, expectedStatus: number): Call {
  return { method: 'GET', path, key, expectedStatus };
}

function remember(mine: Remembered[], row: Remembered): void {
  mine.push(row);
  if (mine.length > REMEMBERED_ROWS) mine.shift();
}

function differs(collection: Collection, content: Content, label: string): string | undefined {
  const found = content[labels[collection]];
  return found === label ? undefined : `${labels[collection]} ${JSON.stringify(found)} instead of "${label}"`;
}

/** Owner columns are nobody's business: no answer may carry one. */
function leaks(items: Content[]): string | undefined {
  const leaking = items.find((item) => Object.keys(item).some((name) => name.startsWith('owner_')));
  return leaking && `the row ${leaking.id} with its owner columns`;
}
