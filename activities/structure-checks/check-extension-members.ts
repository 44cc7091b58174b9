import type { PostgresClient } from '../../adapters/postgres/postgres';
import { findExtensionMembers, type ExtensionMember } from '../../adapters/dependents/extension-members';
import { finding } from '../../contract/run/findings';
import type { Finding } from '../../contract/run/findings';
import type { TableName } from '../../contract/text/object-name';
import { quoted } from '../../sql/quoted-statement';

/**
 * What an extension owns is in no dump: `create extension` is, and makes it as the extension's version likes. So a backup
 * does not hold its definition, and mostly not its rows; and the server refuses to drop it.
 */
export async function checkExtensionMembers(client: PostgresClient, relation: TableName): Promise<Finding[]> {
  const members = await findExtensionMembers(client, relation);
  return members.map(belongs);
}

const belongs = ({ kind, name, extension }: ExtensionMember): Finding => {
  const sql = `alter extension ${extension} drop ${kind} ${name}`;
  const isDetachable = ['table', 'sequence'].includes(kind);
  return finding(`owner of ${kind} ${name}`, false, {
    expected: 'none but a role',
    found: `it belongs to the extension ${extension}: no backup holds it, and it can't be dropped without the extension`,
    ...(isDetachable
      ? {
          remedy: `ask who needs the extension; to keep all of it and make this an ordinary ${kind}, which no update of the extension knows any more: ${quoted(sql)}, then start the rollout again`,
          remedySql: [sql],
        }
      : { remedy: `that is beyond this plan: remove the extension itself, if no one needs it` }),
  });
};
