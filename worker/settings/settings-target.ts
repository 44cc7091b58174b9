import { z } from 'zod';
import type { EnvironmentName } from '../../contract/run/names';
import { actionSchema, plainUrl } from './settings-actions';
import { headerSafe, secretField, urlOf, type SecretSource } from './settings-secrets';

/** Of a header that we may set: not one that the call itself needs. */
const headerName = z
  .string()
  .regex(
    /^(?!(?:host|connection|content-length|content-type|transfer-encoding|expect|upgrade|te|trailer|keep-alive)$)[A-Za-z0-9-]{1,100}$/i,
    'expected the name of a header such as "X-API-Key"',
  );

// Its secrets are resolved for the worker with this role alone.
export const environmentSchema = (source: SecretSource, role: EnvironmentName) =>
  z.strictObject({
    postgres: secretField(source, role, urlOf(['postgres', 'postgresql'], { withPath: true })),
    redis: secretField(source, role, urlOf(['redis', 'rediss'])).optional(),
    /** Folder of pg_dump, pg_restore, initdb, postgres; without it they are looked for. */
    tools: z.string().min(1).optional(),
    application: z.strictObject({
      url: plainUrl.transform((text) => text.replace(/\/$/, '')),
      /** Path of the health answer, and its field that names the serving release. Absent: the check of `deploy` tells it. */
      health: z
        .strictObject({
          path: z.string().startsWith('/').default('/health'),
          release: z.string().min(1).default('release'),
        })
        .optional(),
      /** API key that works, of an owner who may be used for probing. */
      probeKey: secretField(source, role),
      /** Header that carries it, with a word before the key where the application wants one: `Bearer`. */
      probeKeyHeader: z
        .strictObject({
          name: headerName,
          scheme: z
            .string()
            .regex(/^[A-Za-z][A-Za-z0-9-]{0,30}$/, 'expected one word such as "Bearer"')
            .optional(),
        })
        .optional(),
      /** Lets probes through while maintenance is on. */
      maintenanceBypass: z
        .strictObject({ header: headerName, value: secretField(source, role, headerSafe) })
        .optional(),
      /** One more header for the id of each call of ours, if the log shows none of the usual ones. */
      callIdHeader: headerName.optional(),
      /** The application's log on the worker's machine. */
      log: z.string().min(1).optional(),
      actions: z
        .strictObject({
          deploy: actionSchema(source, role).optional(),
          maintenance: actionSchema(source, role)
            .refine(({ person }) => person === undefined, {
              path: ['person'],
              message: 'expected a command or a POST: maintenance is also lifted when no one is there',
            })
            .optional(),
        })
        .prefault({}),
      /** For plans that leave a verb to the platform's migration tool: `alembic upgrade $revision`. */
      planActions: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/), actionSchema(source, role)).default({}),
      /** Commands whose exit status 0 is evidence that the release is the right one. */
      releaseChecks: z
        .array(z.strictObject({ name: z.string().min(1), command: z.array(z.string().min(1)).min(1) }))
        .default([]),
    }),
  });
