import type { Gate } from '../../contract/run/decisions';

/** First lines of a file of new keys, which one custodian can open: what it is, what to do, and the names of its fields. */
export const sealedLetter = ({ target, workflowId }: Gate, person: string, code: string): string[] => [
  `New keys of ${target}, sealed for ${person}; drawn for ${workflowId}.`,
  'They become valid when the rollback changes the rows, after your confirmation. Give each key to its own client and to no one else.',
  `To confirm that you can read this file, send the signal "approve" to ${workflowId}: {"code":"${code}"}`,
  'hash of the old key, new key, hash of the new key:',
];
