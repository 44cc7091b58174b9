import { readableDuration } from '../../contract/text/duration';
import { counted, oneLine, utf8Length } from '../../contract/text/plain-text';
import type { Activities } from './policies';

/** What differs from call to call; the others are told by their name. No code, no key. */
const particulars: { [Name in keyof Activities]?: (input: Parameters<Activities[Name]>[0]) => string } = {
  loadPlan: ({ order }) => `plan ${order.plan}`,
  acquireTarget: ({ run }) => `target ${run.target}`,
  releaseTarget: ({ run }) => `target ${run.target}`,
  publishStatus: ({ facts }) => `Slack: ${facts.steps.at(-1)?.name ?? facts.phase}`,
  announce: ({ text }) => `Slack: ${text}`,
  setMaintenance: ({ on }) => `maintenance ${on ? 'on' : 'off'}`,
  noteHold: ({ reason }) => (reason === undefined ? 'not on hold' : 'on hold'),
  deploy: ({ serves }) => (serves === 'to' ? 'new release' : 'old release'),
  watch: ({ forMs }) => `for ${readableDuration(forMs)}`,
  openGate: ({ gate }) => `codes for ${gate.name}`,
  verifyCodes: ({ gate, codes }) => `${counted(codes.length, 'code')} for ${gate.name}`,
  closeGate: ({ gate, result }) => `${gate.name} ${result}`,
  remind: ({ persons }) => `Slack: reminder to ${persons.join(', ')}`,
};

/** Temporal refuses more than 200 bytes. */
const limitBytes = 190;

/** What the timeline of Temporal UI shows beside the name of an activity. Pure. */
export function activitySummary(label: string, name: string, input: unknown): string {
  const particular = particulars[name as keyof Activities] as ((input: unknown) => string) | undefined;
  const text = `${label}${particular?.(input) ?? inWords(name)}`;
  const line = oneLine(text, 110);
  return utf8Length(line) <= limitBytes ? line : oneLine(text, 40);
}

/** `proveNothingStale` → `prove nothing stale`. */
const inWords = (name: string): string => name.replace(/[A-Z]/g, (codeMessage) => ` ${codeMessage.toLowerCase()}`);
