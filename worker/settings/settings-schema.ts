import { z } from 'zod';
import { changeFreezeSchema } from '../../contract/plan/change-freeze';
import { changeWindowSchema } from '../../contract/plan/change-window';
import { durationSchema } from '../../contract/text/duration';
import { tableNameSchema } from '../../contract/text/object-name';
import { plainUrl } from './settings-actions';
import { mailSchema, webhooksSchema } from './settings-delivery';
import { sealsSchema } from './settings-seals';
import { headerSafe, secretField, type SecretSource } from './settings-secrets';
import { environmentSchema } from './settings-target';

/** The shape of `rubicon.yaml`; see `rubicon.example.yaml` for one that is written out. */
export const settingsSchema = (source: SecretSource) =>
  z.strictObject({
    /** Folders that hold one folder a plan. */
    plans: z.array(z.string().min(1)).min(1).default(['plans']),
    /** Who takes part, by the name that an order takes as `requestedBy` and that reports show. */
    people: z.record(z.string().min(1).max(100), personSchema),
    /** What no plan can weaken; the stricter of both counts. */
    policy: policySchema,
    /** Announcements, and approval codes: two apps with a token each. */
    slack: slackSchema(source).optional(),
    /** Who is told of events beside Slack: a pager, a ticket, another chat. */
    webhooks: webhooksSchema(source).default([]),
    /** Server that brings events to people by their `email`: each what is meant for them. */
    mail: mailSchema(source).optional(),
    /** Where runs are shown, for links in messages. */
    temporalUi: plainUrl
      .refine((text) => /\/namespaces\/[^/]+\/?$/.test(text), 'expected "https://host/namespaces/<namespace>"')
      .transform((text) => text.replace(/\/$/, ''))
      .optional(),
    /** Where dumps and final copies are, for how long, and what is in them. */
    backups: backupsSchema.prefault({}),
    /** Where the reports of rollouts are written. */
    reports: z.strictObject({ folder: z.string().min(1).default('reports') }).prefault({}),
    /** Makes and verifies codes; the production worker alone has it. */
    approvalKey: z
      .strictObject({
        /** Names the key without revealing it: a new key gets a new id. */
        id: z.string().regex(/^[\w.-]{1,40}$/, 'expected letters, digits, ".", "-"'),
        key: secretField(source, 'production', longEnough),
      })
      .optional(),
    /** Keys by which workers seal what they have seen and done, so that people and the drop can tell it from what is only claimed. */
    seals: sealsSchema(source).optional(),
    /** How a worker starts. */
    worker: workerSchema.prefault({}),
    /** What plans change, by name: an application with its database in staging and in production. */
    targets: z.record(
      z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens'),
      z.strictObject({
        staging: environmentSchema(source, 'staging'),
        production: environmentSchema(source, 'production'),
      }),
    ),
  });

/** The settings as they stand in the file, parsed; secrets are resolved for the roles of this worker alone. */
export type SettingsFile = z.output<ReturnType<typeof settingsSchema>>;
/** The section of one environment. */
export type EnvironmentFields = SettingsFile['targets'][string]['staging'];

const personSchema = z.strictObject({
  /** Member id: codes go there as direct messages. Without one a person can order, but not vote. */
  slack: z
    .string()
    .regex(/^[UW][A-Z0-9]{2,}$/, 'expected a member id such as "U024BE7LH"')
    .optional(),
  email: z.email('expected an e-mail address').optional(),
  /** What is sealed for this person, they alone can open; they keep what "age-keygen" has made with it. Not secret. */
  recipient: z
    .string()
    .regex(/^age1[02-9ac-hj-np-z]{58}$/, 'expected a recipient of age ("age1" and 58 characters)')
    .optional(),
  roles: z.array(z.string().min(1)).min(1),
});

const policySchema = z.strictObject({
  /** Approvals of production a role; a plan may ask for more, never for less. */
  approvals: z
    .record(z.string().min(1), z.int().min(1))
    .refine((needs) => Object.keys(needs).length > 0, 'expected a role'),
  /** Role that answers questions, and lets a rollback without loss go. */
  onCall: z.string().min(1).default('on-call'),
  /** Role of those who receive new keys, where a rollback finds neither copy nor backup; each needs a recipient. */
  custodian: z.string().min(1).default('custodian'),
  minimumSoak: durationSchema.default('24 hours'),
  /** When production may be changed, each week; none = at any time. */
  windows: z.array(changeWindowSchema).default([]),
  /** When it may not be changed at all, by date. */
  freezes: z.array(changeFreezeSchema).default([]),
  /** Role that gives one more approval where an order overrides windows and freezes; default: the first of `approvals`. */
  override: z.string().min(1).optional(),
  /** Programs of PostgreSQL with known faults in restoring: say so, or refuse in preflight. */
  securityFloor: z.enum(['warn', 'block']).default('warn'),
  /** Workers that connect to PostgreSQL as superuser: say so, or refuse in preflight. */
  superuser: z.enum(['warn', 'block']).default('warn'),
  /** Whether a rollout stops where its way there and back could not be walked on a throw-away copy, or only says so. */
  rehearseOnCopy: z.enum(['required', 'where possible']).default('required'),
});

const channel = z.string().regex(/^[CG][A-Z0-9]{2,}$/, 'expected a channel id such as "C024BE91L"');

const slackSchema = (source: SecretSource) =>
  z.strictObject({
    /** Only for a Slack that isn't slack.com. */
    apiUrl: plainUrl.optional(),
    announcements: z
      .strictObject({
        token: secretField(source, 'control', headerSafe),
        /** One message a rollout, with its thread. */
        channel,
        /** For those who only follow; without it the thread is all there is. */
        stakeholders: channel.optional(),
      })
      .optional(),
    /** Another app's token: with one token for both the control worker could read the codes. */
    codes: z
      .strictObject({
        token: secretField(source, 'production', headerSafe),
        /** Buttons below the messages with codes; without it codes are typed. */
        buttons: z
          .strictObject({
            /** App-level token of the same app, with `connections:write`. */
            appToken: secretField(source, 'production', appLevel),
            /** The workspace whose members alone may click. */
            team: z.string().regex(/^T[A-Z0-9]{2,}$/, 'expected the id of a workspace such as "T024BE7LD"'),
          })
          .optional(),
      })
      .optional(),
  });

/** A bot token opens no socket. */
const appLevel = (value: string): string | undefined =>
  headerSafe(value) ??
  (value.startsWith('xapp-') ? undefined : 'expected an app-level token ("xapp-…"), with the scope connections:write');

const backupsSchema = z.strictObject({
  /** Encrypted dumps and copies, with their records. */
  folder: z.string().min(1).default('backups'),
  /** What decrypts them, one small file a rollout: on another disk. Without it `identities` in the folder. */
  identities: z.string().min(1).optional(),
  /** When they are to be destroyed. */
  keep: durationSchema.default('30 days'),
  /** Whose rows: all of the database, the plan's tables, or these. The definitions of all are dumped. */
  scope: z.union([z.enum(['database', 'tables']), z.array(tableNameSchema).min(1)]).default('database'),
});

const deploymentName = z.string().regex(/^[\w-]{1,100}$/, 'expected letters, digits, "_", "-"');

const workerSchema = z.strictObject({
  /** What to do at the start if today's code can't replay a run that is open. */
  replay: z.enum(['refuse', 'warn']).default('refuse'),
  /** Whether it starts with a fail-point armed. For tests alone: it will be killed in the middle of an effect. */
  failPoints: z.enum(['refuse', 'allow']).default('refuse'),
  /** Pins each run to the build that began it; nothing runs until Temporal is told which build is current. */
  deployment: z.strictObject({ name: deploymentName, build: deploymentName }).optional(),
});

/** A shorter key could be found by trying: codes of one message tell whether it was right. */
function longEnough(value: string): string | undefined {
  const bytes = Buffer.byteLength(value);
  return bytes >= 32 ? undefined : `expected at least 32 bytes; make one with "openssl rand -base64 48"`;
}
