/** A distribution in few bytes, mergeable, as plain JSON: each value is kept to within 1 %, whatever its size. */
export interface Histogram {
  /** Number of values. */
  count: number;
  /** Of all values. */
  sum: number;
  /** Exact; absent while empty. */
  min?: number;
  /** Exact; absent while empty. */
  max?: number;
  /** Values up to `smallest`. */
  tiny: number;
  /** Count by bucket number: bucket n holds values above growth^(n-1) up to growth^n. */
  buckets: Record<string, number>;
}

const smallest = 1e-3;
const growth = 1.01 / 0.99; // the middle of a bucket is then within 1 % of each of its values
const largestBucket = Math.ceil(Math.log(1e12) / Math.log(growth));

/** A histogram without values. */
export const emptyHistogram = (): Histogram => ({ count: 0, sum: 0, tiny: 0, buckets: {} });

/** Adds one value (>= 0) in place. */
export function record(histogram: Histogram, value: number): void {
  histogram.count += 1;
  histogram.sum += value;
  histogram.min = Math.min(histogram.min ?? value, value);
  histogram.max = Math.max(histogram.max ?? value, value);
  if (value <= smallest) histogram.tiny += 1;
  else {
    const bucket = Math.min(Math.ceil(Math.log(value) / Math.log(growth)), largestBucket);
    histogram.buckets[bucket] = (histogram.buckets[bucket] ?? 0) + 1;
  }
}

/** Both together. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  const buckets = { ...a.buckets };
  for (const [bucket, count] of Object.entries(b.buckets)) buckets[bucket] = (buckets[bucket] ?? 0) + count;
  const extremes = [a.min, a.max, b.min, b.max].filter((value) => value !== undefined);
  const merged: Histogram = { count: a.count + b.count, sum: a.sum + b.sum, tiny: a.tiny + b.tiny, buckets };
  return extremes.length === 0 ? merged : { ...merged, min: Math.min(...extremes), max: Math.max(...extremes) };
}

/** The value below or at which the share (0 to 1) of values lies, nearest rank, within 1 %; undefined without values. */
export function quantile(histogram: Histogram, share: number): number | undefined {
  const { count, min, max } = histogram;
  if (min === undefined || max === undefined) return undefined;
  const rank = Math.max(1, Math.ceil(share * count));
  if (rank === count) return max;
  let seen = histogram.tiny;
  if (rank <= seen) return min;
  const buckets = Object.entries(histogram.buckets).sort(([a], [b]) => Number(a) - Number(b));
  for (const [bucket, inBucket] of buckets) {
    seen += inBucket;
    if (rank <= seen) return Math.min(max, Math.max(min, (2 * growth ** Number(bucket)) / (growth + 1)));
  }
  return max;
}
