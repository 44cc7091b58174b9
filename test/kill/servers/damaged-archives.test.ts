import { openPostgres } from '../../../adapters/postgres/postgres';
import { archiveForms, judgeDamages } from '../../support/faults/damaged-archives';
import { openProofStage, type ProofStage } from '../../support/stages/proof-stage';

let at: ProofStage;
beforeAll(async () => {
  at = await openProofStage();
});
afterAll(() => at.close());

test.each(archiveForms)(
  'damage from before the encryption of an archive %s is found by restoring and comparing, or has changed no row',
  (form) => judgeDamages(at, form),
);

test.each(['LATIN1', 'SQL_ASCII'])('a dump of a database in %s is proven', async (encoding) => {
  const name = `proof_${encoding.toLowerCase()}`;
  await at.database.query(`drop database if exists ${name}`);
  await at.database.query(`create database ${name} template template0 encoding '${encoding}' locale 'C'`);
  const url = new URL(at.database.url);
  url.pathname = `/${name}`;
  const source = { ...at.database, url: url.href };
  await openPostgres({ url: url.href, applicationName: 'test' }).withClient((client) =>
    client.query(`create table coded as select convert_from('\\xe9'::bytea, 'SQL_ASCII') as t where getdatabaseencoding() = 'SQL_ASCII'
                  union all select 'é' where getdatabaseencoding() <> 'SQL_ASCII'`),
  );
  const coded = await at.backUp(source, `${name}.dump`);
  expect(coded.expected).toMatchObject([{ rowCount: 1 }]);
  expect(await at.judge(coded.dump, coded.expected)).toMatchObject({ restored: true, differences: [] });
  await at.database.query(`drop database ${name}`);
});
