import fc from 'fast-check';
import { emptyHistogram, mergeHistograms, quantile, record } from '../../../adapters/log/histogram';
import { parseLogLine } from '../../../adapters/log/line';
import type { EventMatcher, LogRule } from '../../../adapters/log/rules';
import { foldLines, mergeSummaries, type LogSummary } from '../../../adapters/log/summary';

const startMs = Date.parse('2026-11-01T10:00:00Z');
const line = (event: string, seconds: number, rest = {}) =>
  parseLogLine(
    JSON.stringify({ ...rest, event, level: 'warning', timestamp: new Date(startMs + seconds * 1_000).toISOString() }),
  );
const count = (match: EventMatcher): LogRule[] => [{ name: 'rule', kind: 'count', match }];
const rule = (summary: LogSummary) => summary.rules.rule;

describe('which lines count', () => {
  const refused = line('ownership_check_failed', 0);

  it('an event is matched whole', () => {
    const lines = [refused, line('ownership_check_failed_missing_hash', 1), line('Ownership_check_failed', 2)];
    expect(rule(foldLines(lines, count({ event: 'ownership_check_failed' })))).toMatchObject({ count: 1 });
  });

  it('a level is matched without regard to its case', () => {
    expect(rule(foldLines([refused], count({ level: 'WARNING' })))).toMatchObject({ count: 1 });
    expect(rule(foldLines([refused], count({ level: 'error' })))).toMatchObject({ count: 0 });
  });

  it.each<[Parameters<typeof line>[2], EventMatcher['fields'], boolean]>([
    [{ status_code: 503 }, { status_code: { atLeast: 500 } }, true],
    [{ status_code: 499 }, { status_code: { atLeast: 500 } }, false],
    [{ status_code: 404 }, { status_code: { atLeast: 400, atMost: 499 } }, true],
    [{ status_code: '503' }, { status_code: { atLeast: 500 } }, false],
    [{ status_code: 503 }, { status_code: '503' }, true],
    [{ error: '404: not here' }, { error: '404*' }, true],
    [{ error: 'a 404' }, { error: '404*' }, false],
    [{ error: 'a 404' }, { error: { contains: '404' } }, true],
    [{ ok: true }, { ok: true }, true],
    [{ error: null }, { error: 'null' }, false],
    [{}, { toString: 'x*' }, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
  ])('of a line with %j the tests %j hold: %s', (fields, tests, expected) => {
    expect(rule(foldLines([line('e', 0, fields)], count({ fields: tests })))).toMatchObject({
      count: expected ? 1 : 0,
    });
  });

  it('an exception does not count, and its twin with another text does', () => {
    const match = {
      event: 'Failed to retrieve session from database',
      except: [{ error: '403*' }, { error: 'Not found' }],
    };
    const lines = ['403: no', 'Not found', 'connection lost'].map((error) => line(match.event, 0, { error }));
    expect(rule(foldLines(lines, count(match)))).toMatchObject({ count: 1 });
  });

  it('plain text never matches, not even a rule without tests', () => {
    expect(rule(foldLines([parseLogLine('ownership_check_failed')], count({})))).toMatchObject({ count: 0 });
  });
});

describe('what is folded', () => {
  const completed = (status: number, ms: unknown, seconds = 0) =>
    line('request_completed', seconds, { status_code: status, duration_ms: ms });
  const of = { event: 'request_completed' };

  it('a share of the lines of an event', () => {
    const lines = [completed(200, 1), completed(500, 1), completed(503, 1), line('other', 0, { status_code: 500 })];
    const rules: LogRule[] = [
      { name: 'rule', kind: 'share', match: { fields: { status_code: { atLeast: 500 } } }, of },
    ];
    expect(rule(foldLines(lines, rules))).toEqual({ kind: 'share', matching: 2, total: 3 });
  });

  it('quantiles within one percent', () => {
    const lines = Array.from({ length: 1_000 }, (_, index) => completed(200, index + 1));
    const rules: LogRule[] = [{ name: 'rule', kind: 'quantiles', match: of, field: 'duration_ms' }];
    const result = rule(foldLines([...lines, completed(200, 'slow'), completed(200, -1)], rules));
    if (result?.kind !== 'quantiles') throw new Error('expected quantiles');
    expect(result.unreadable).toBe(2);
    expect(result.p95 ?? 0).toBeGreaterThan(950 * 0.99);
    expect(result.p95 ?? 0).toBeLessThan(950 * 1.01);
    expect(JSON.stringify(result).length).toBeLessThan(6_000);
  });

  it('the most events within any window', () => {
    const rules: LogRule[] = [{ name: 'rule', kind: 'burst', match: { event: 'e' }, windowMs: 300_000 }];
    const apart = [0, 60, 120, 180, 240, 300].map((seconds) => line('e', seconds));
    const together = [1_000, 1_060, 1_299, 1_120, 1_180, 1_240].map((seconds) => line('e', seconds));
    expect(rule(foldLines(apart, rules))).toMatchObject({ count: 6, most: 5 });
    expect(rule(foldLines([...apart, ...together], rules))).toMatchObject({ count: 12, most: 6 });
  });

  it('a burst over the border of two samples', () => {
    const rules: LogRule[] = [{ name: 'rule', kind: 'burst', match: { event: 'e' }, windowMs: 300_000 }];
    const first = foldLines(
      [0, 1, 2].map((seconds) => line('e', seconds)),
      rules,
    );
    const second = foldLines(
      [3, 4, 5].map((seconds) => line('e', seconds)),
      rules,
      first,
    );
    expect(rule(second)).toMatchObject({ count: 3, most: 6 });
    expect(rule(mergeSummaries(first, second))).toMatchObject({ count: 6, most: 6 });
  });

  it('the names of the events seen, but no free text', () => {
    const lines = ['a_b', 'a_b', 'user sk-123 came', '__proto__', 'named in a rule'].map((event) => line(event, 0));
    const { events } = foldLines(lines, count({ event: 'named in a rule' }));
    expect(Object.entries(events)).toEqual([
      ['a_b', 2],
      ['(free text)', 2],
      ['named in a rule', 1],
    ]);
  });

  it('no value of any line', () => {
    const rules: LogRule[] = [
      { name: 'count', kind: 'count', match: { fields: { key: 'p*' } } },
      { name: 'quantiles', kind: 'quantiles', match: {}, field: 'key' },
    ];
    const summary = foldLines([line('e', 0, { key: 'planted-secret' }), parseLogLine('planted-secret')], rules);
    expect(JSON.stringify(summary)).not.toContain('planted');
    expect(summary.rules.count).toMatchObject({ count: 1 });
  });
});

it('merging two summaries says the same as folding all lines at once', () => {
  const rules: LogRule[] = [
    { name: 'count', kind: 'count', match: { event: 'a' } },
    { name: 'quantiles', kind: 'quantiles', match: {}, field: 'ms' },
    { name: 'share', kind: 'share', match: { event: 'a' }, of: {} },
    { name: 'burst', kind: 'burst', match: { event: 'b' }, windowMs: 10_000 },
  ];
  const one = fc.record({ event: fc.constantFrom('a', 'b'), ms: fc.nat(5_000), wait: fc.nat(8) });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), fc.nat(40), (steps, cut) => {
      let seconds = 0;
      const lines = steps.map(({ event, ms, wait }) => line(event, (seconds += wait), { ms }));
      const first = foldLines(lines.slice(0, cut), rules);
      expect(mergeSummaries(first, foldLines(lines.slice(cut), rules, first))).toEqual(foldLines(lines, rules));
    }),
  );
});

describe('a histogram', () => {
  const filled = (values: number[]) => {
    const histogram = emptyHistogram();
    for (const value of values) record(histogram, value);
    return histogram;
  };

  it('gives every quantile within one percent of the true one', () => {
    const values = fc.array(fc.double({ min: 0.01, max: 1e7, noNaN: true }), { minLength: 1, maxLength: 100 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
        const exact = [...all].sort((a, b) => a - b)[Math.max(1, Math.ceil(share * all.length)) - 1] ?? NaN;
        expect(Math.abs((quantile(filled(all), share) ?? NaN) - exact)).toBeLessThanOrEqual(exact * 0.0101);
      }),
    );
  });

  it('survives JSON and merging', () => {
    const [a, b] = [filled([0, 1, 2]), filled([3, 1e15])];
    const merged = mergeHistograms(JSON.parse(JSON.stringify(a)) as typeof a, b);
    expect(merged).toEqual(filled([0, 1, 2, 3, 1e15]));
    expect(mergeHistograms(emptyHistogram(), emptyHistogram())).toEqual(emptyHistogram());
    expect([quantile(merged, 0), quantile(merged, 1), quantile(emptyHistogram(), 0.5)]).toEqual([0, 1e15, undefined]);
  });
});
