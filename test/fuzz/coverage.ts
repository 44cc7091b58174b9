import type { Part } from './make/parts';
import type { Verdict } from './run-case';

/** What a run has seen, for its summary. */
export interface Tally {
  add(parts: readonly Part[], kind: string, verdict: Verdict): void;
  lines(): string[];
}

interface Counts {
  cases: number;
  wholeWay: number;
}

export function openTally(): Tally {
  const outcomes = new Map<string, number>();
  const remedies = new Map<string, number>();
  const beyond = new Map<string, number>();
  const faults = new Map<string, number>();
  const features = new Map<string, Counts>();
  const count = (in_: Map<string, number>, what: string): void => void in_.set(what, (in_.get(what) ?? 0) + 1);
  return {
    add: (parts, kind, verdict) => {
      count(outcomes, verdict.outcome);
      for (const each of verdict.remedied) count(remedies, each);
      if (verdict.outcome === 'beyond') count(beyond, verdict.finding);
      if (verdict.outcome === 'fault') count(faults, verdict.kind);
      const isWhole = verdict.outcome === 'there and back';
      for (const feature of new Set([`plan: ${kind}`, ...parts.flatMap((part) => part.features)])) {
        const { cases, wholeWay } = features.get(feature) ?? { cases: 0, wholeWay: 0 };
        features.set(feature, { cases: cases + 1, wholeWay: wholeWay + (isWhole ? 1 : 0) });
      }
    },
    lines: () => [
      'Features (cases, of which there and back):',
      ...[...features].sort().map(([name, { cases, wholeWay }]) => `  ${name}: ${cases}, ${wholeWay}`),
      ...listed('Remedies that were executed', remedies),
      ...listed('Refused without a remedy, and said so', beyond),
      ...listed('Faults', faults),
      ...neverWhole(features),
      [...outcomes].map(([outcome, number]) => `${number} ${outcome}`).join(', '),
    ],
  };
}

const neverWhole = (features: ReadonlyMap<string, Counts>): string[] => {
  const names = [...features].filter(([, { wholeWay }]) => wholeWay === 0).map(([name]) => name);
  return names.length === 0 ? [] : [`Never there and back: ${names.sort().join(', ')}`];
};

const listed = (title: string, counts: ReadonlyMap<string, number>): string[] =>
  counts.size === 0
    ? []
    : [`${title}:`, ...[...counts].sort(([, a], [, b]) => b - a).map(([what, number]) => `  ${number} x ${what}`)];
