import type { SampleData } from './sample-data';
import { headerOfKey } from '../sample-application/sample-key';

/** Has the application fill its cache by real reads: sessions and assistants of five owners, 20 each, and public ones. */
export async function fillSampleCache(frontUrl: string, data: SampleData): Promise<void> {
  const callers = [undefined, ...data.keys.slice(0, 5)];
  for (const key of callers) {
    const headers: Record<string, string> = key === undefined ? {} : { 'X-API-Key': headerOfKey(key) };
    for (const path of ['/api/v1/sessions', '/api/v1/assistants']) {
      const { items } = (await read(`${frontUrl}${path}?limit=20`, headers)) as { items: { id: string }[] };
      await Promise.all(items.map(({ id }) => read(`${frontUrl}${path}/${id}`, headers)));
    }
  }
}

async function read(url: string, headers: Record<string, string>): Promise<unknown> {
  const response = await fetch(url, { headers });
  const body = await response.json();
  if (!response.ok) throw new Error(`expected ${url} to answer 200, found ${response.status} ${JSON.stringify(body)}`);
  return body;
}
