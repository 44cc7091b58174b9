import { traits } from '../../contract/plan/kinds';
import type { EnvironmentFacts, Facts } from '../../contract/run/facts';
import type { Finding } from '../../contract/run/findings';
import { readableInstant } from '../../contract/text/instant';
import { codeSpan, escapeMarkdown } from '../../contract/text/markdown-text';
import { environments } from '../../contract/run/names';
import type { EnvironmentName } from '../../contract/run/names';
import { kindWords } from '../kinds';
import { bullets, chapter } from '../markdown-table';

/**
 * A drop takes a name out of the catalogue. The values are elsewhere, and whoever has to account for them needs to know
 * where, until when, and what ends it sooner.
 */
export function remainsChapter(facts: Facts): string {
  const { pastTheDrop, kind, plan } = facts;
  if (!pastTheDrop || kind === 'rollback') return '';
  if (plan !== undefined && traits[plan.kind].isInDatabase && !traits[plan.kind].hasValues)
    return chapter('What is gone', bullets(gone(facts)));
  return chapter(
    'Where the removed values are gone, and where they still are',
    `Gone:\n\n${bullets(gone(facts))}`,
    `Still there until someone removes it or its date comes:\n\n${bullets(remaining(facts))}`,
  );
}

function gone(facts: Facts): string[] {
  const { plan, environments: known, steps } = facts;
  const { production, staging } = known;
  const columns = (plan?.removes ?? []).map((name) => codeSpan(name, 200)).join(', ');
  const stagingToo =
    staging.drop === undefined ? '' : `, and from staging since ${readableInstant(staging.drop.droppedAt)}`;
  const since = production.drop === undefined ? '' : ` since ${readableInstant(production.drop.droppedAt)}`;
  const cache = steps.flatMap(({ findings }) => findings).filter(isCleanCache);
  return [
    `${columns}: ${kindWords(facts).gone(`${since}${stagingToo}`)}`,
    ...(cache.length === 0
      ? []
      : ['the cache: flushed before and after the release changed; no entry of the old release was left in it']),
    ...environments.flatMap((name) => (known[name].proof?.destroyed === true ? [scratchGone(name)] : [])),
  ];
}

const isCleanCache = ({ check, status }: Finding): boolean =>
  check === 'cache entries of the old release' && status === 'passed';

const scratchGone = (name: EnvironmentName): string =>
  `the server into which the backup of ${name} was restored for its proof: destroyed with its files and its log`;

function remaining(facts: Facts): string[] {
  const { plan, environments: known, destroyAt } = facts;
  const { pagesOf } = kindWords(facts);
  const tables = new Set(
    (plan?.removes ?? []).flatMap((name) => pagesOf(name) ?? []).map((name) => codeSpan(name, 200)),
  );
  const found = foundInProduction(facts);
  const standbys = found.some((place) => place.includes('standby'));
  return [
    ...(tables.size === 0
      ? []
      : [
          `pages of ${[...tables].join(', ')} (TOAST too), until they are rewritten: \`VACUUM FULL\` or \`pg_repack\`; an ordinary vacuum is not enough`,
        ]),
    'disk blocks of former pages, indexes and files, until they are overwritten',
    "the write-ahead log in the server's own folder, until its segments are recycled",
    ...found.map((place) => escapeMarkdown(place)),
    ...(standbys ? [] : ['standbys that were not connected during preflight, which saw none']),
    ...environments.flatMap((name) => ofThisRollout(name, known[name], destroyAt)),
    'older backups, disk snapshots, restored and copied databases, which this rollout does not know about',
    "logs that the old release wrote (a failed INSERT names the key), PostgreSQL's own log, and what clients keep",
  ];
}

/** What the last look at each thing in production said. */
function foundInProduction({ steps }: Facts): string[] {
  const places = new Map<string, string[]>();
  for (const { id, findings } of steps) {
    for (const { check, remains } of findings) {
      const isOfProduction = id.of === 'production' || check.startsWith('production: ');
      if (isOfProduction && remains !== undefined) places.set(check.replace(/^production: /, ''), remains);
    }
  }
  return [...new Set([...places.values()].flat())];
}

/** The way back, as long as it is there. */
function ofThisRollout(
  name: EnvironmentName,
  { backup, copy }: EnvironmentFacts,
  destroyAt: string | undefined,
): string[] {
  if (backup === undefined && copy === undefined) return [];
  const what = [
    ...(backup === undefined ? [] : [`backup ${codeSpan(backup.id)}`]),
    ...(copy === undefined ? [] : [`final copy ${codeSpan(copy.id)}`]),
  ].join(' and ');
  const when =
    destroyAt === undefined
      ? '⚠ no date was set: destroy its identity by hand when recovery is no longer needed'
      : `encrypted; destroyed at **${readableInstant(destroyAt)}**, the identity first, which ends recovery; delete copies of the identities folder, too`;
  return [`${what} of ${name}: ${when}`];
}
