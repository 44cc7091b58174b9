import { createColors, isColorSupported } from 'picocolors';
import type { Facts } from '../../contract/run/facts';
import type { StepName } from '../../contract/run/step-names';
import { readableDuration } from '../../contract/text/duration';
import { oneLine } from '../../contract/text/plain-text';
import { picture, stepLines, type Canvas, type Moment } from '../../client/picture/picture';
import { rowsOf } from '../../client/picture/rows';

/** Where the audience looks: a picture that is redrawn in a terminal, one line an event elsewhere. */
export interface Show {
  readonly canvas: Canvas;
  /** Stays: heading, links, the end. */
  say(text: string): void;
  /** Something that happened, told by the demo itself. */
  tell(text: string): void;
  /** The newest state of the runs. */
  update(runs: readonly Facts[], traffic: string): void;
  /** The last picture stays as it is. */
  end(): void;
}

type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns' | 'rows'>;

/** Chosen by what the stream is; `since` is when the demo began. */
export const openShow = (stream: Stream, sinceMs = Date.now()): Show =>
  stream.isTTY ? openPictures(stream, sinceMs) : openLines(stream, sinceMs);

const escape = '\u001b[';

function openPictures(stream: Stream, sinceMs: number): Show {
  const colors = createColors(isColorSupported);
  const canvas: Canvas = {
    colors,
    hyperlinks: process.env['TERM'] !== 'dumb',
    get columns() {
      return stream.columns || 100;
    },
    get rows() {
      return stream.rows || 40;
    },
  };
  let drawn = 0;
  let last: { runs: readonly Facts[]; moment: Moment } | undefined;
  const news: string[] = [];

  const clear = (): string => (drawn > 0 ? `${escape}${drawn}F${escape}0J` : '');
  const draw = (lines: string[]): void => {
    // In one write, or it flickers; without the cursor, or it jumps.
    stream.write(`${escape}?25l${clear()}${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
  };
  const redraw = (): void => {
    if (last !== undefined) draw(picture(last.runs, last.moment, canvas));
  };
  return {
    canvas,
    say(text) {
      stream.write(`${clear()}${text}\n`);
      drawn = 0;
      redraw();
    },
    tell(text) {
      news.push(`${elapsed(sinceMs).padStart(9)}  ${text}`);
      redraw();
    },
    update(runs, traffic) {
      last = { runs, moment: { asOf: new Date().toISOString(), traffic, news } };
      redraw();
    },
    end() {
      if (last !== undefined) {
        const { runs, moment } = last;
        draw([
          ...runs.flatMap((facts) => stepLines(facts, moment.asOf, canvas)),
          '',
          ...news.map((text) => `  ${text}`),
        ]);
      }
      last = undefined;
      drawn = 0;
      stream.write(`${escape}?25h`);
    },
  };
}

function openLines(stream: Stream, sinceMs: number): Show {
  const told = new Map<string, string>();
  const line = (text: string): void => void stream.write(`[${elapsed(sinceMs).padStart(8)}] ${text}\n`);
  return {
    canvas: { columns: 160, rows: 1_000, colors: createColors(false) },
    say: (text) => void stream.write(`${text}\n`),
    tell: (text) => line(`  ${text}`),
    update(runs) {
      for (const event of runs.flatMap((facts) => eventsOf(facts, told))) line(event);
    },
    end: () => undefined,
  };
}

const elapsed = (sinceMs: number): string => readableDuration(Date.now() - sinceMs);

const marks = { done: '✓', failed: '⚠', asking: '⚠', running: '●', skipped: '○' } as const;

const longSteps = new Set<StepName>(['loadTest', 'soak', 'soakSample', 'approval', 'monitor']);

/** What has changed since it was told last; remembers it. Long steps are also told when they begin. */
function eventsOf(facts: Facts, told: Map<string, string>): string[] {
  const prefix = facts.kind === 'rollback' ? 'rollback: ' : '';
  return rowsOf(facts, new Date().toISOString()).flatMap(({ id, name, state, took, note }, index) => {
    const place = `${facts.runId} ${index} ${name}`;
    if (state === 'to come' || told.get(place) === state) return [];
    told.set(place, state);
    if (state === 'running' && !longSteps.has(id.name)) return [];
    const said = `${marks[state]} ${prefix}${name}`;
    return [state === 'running' ? `${said} …` : `${said} (${took})${note === '' ? '' : `: ${oneLine(note, 300)}`}`];
  });
}
