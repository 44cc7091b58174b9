import { canonicalJson } from '../contract/text/canonical-json';
import { digestOf } from '../contract/text/digest';
import type { Facts } from '../contract/run/facts';
import { withoutCodes } from './without-codes';

/**
 * The report for machines and auditors: everything of the facts but the codes, and a digest over its canonical form.
 * Also without us: `jq -cjS .report FILE | sha256sum`. It shows that the file is as it was written, not who wrote it.
 */
export function jsonReport(facts: Facts): string {
  const report = JSON.parse(canonicalJson(withoutCodes(facts))) as Facts;
  return `${JSON.stringify({ digest: digestOf(report), report }, null, 2)}\n`;
}

/** Whether a JSON report still has the digest that it was written with. */
export function verifyJsonReport(text: string): { ok: true; digest: string } | { ok: false; because: string } {
  const refuse = (expected: string, found: string) => ({
    ok: false as const,
    because: `expected ${expected}, found ${found}`,
  });
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch {
    return refuse('the JSON file of a report', 'something that is not JSON; give the file that ends in .json');
  }
  if (typeof file !== 'object' || file === null || !('digest' in file) || !('report' in file)) {
    return refuse('the fields "digest" and "report"', 'JSON without them; give the file that ends in .json');
  }
  const digest = digestOf(file.report);
  if (digest === file.digest) return { ok: true, digest };
  return refuse(`digest ${String(file.digest)}`, `${digest}: the file was changed after it was written`);
}
