import { openPostgres } from '../../../adapters/postgres/postgres';
import { withTransaction } from '../../../adapters/postgres/transaction';

/** A worker that waits for the lock of STATEMENT on DATABASE_URL without a limit, to be killed meanwhile. */
const { DATABASE_URL: url = '', STATEMENT: statement = '' } = process.env;
void openPostgres({ url, applicationName: 'rubicon zombie' }).withClient((client) =>
  withTransaction(client, {}, () => client.query(statement)),
);
