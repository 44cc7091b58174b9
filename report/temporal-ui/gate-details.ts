import type { Gate } from '../../contract/run/decisions';
import type { GateEvidence } from '../../contract/run/gate-evidence';
import { escapeMarkdown } from '../../contract/text/markdown-text';
import { neededText } from '../run/approvals';
import { charactersFor } from '../gates/gate-part';
import { gateText } from '../gates/gate-text';

/** What approvers read, for Temporal UI: the same as in their direct message, without codes. */
export function gateDetails(
  gate: Pick<Gate, 'purpose' | 'expiresAt' | 'needs'>,
  evidence: GateEvidence,
  { lines: most, characters }: { lines: number; characters: number },
): string {
  const text = (value: string): string => escapeMarkdown(value, characters);
  const { title, parts } = gateText(gate, evidence);
  const blocks = parts.flatMap((part) => {
    const { title: name, lines } = part;
    const whole = (value: string): string => escapeMarkdown(value, charactersFor(part, characters));
    const [only] = lines;
    if (only !== undefined && lines.length === 1) return [`**${text(name)}:** ${whole(only)}`];
    const more = lines.length > most ? [`• and ${lines.length - most} more: see the query "status"`] : [];
    return [[`**${text(name)}**`, ...lines.slice(0, most).map((line) => `• ${whole(line)}`), ...more].join('\n')];
  });
  const end = title.endsWith('?') ? '' : '.';
  return [`**${title}${end}** Requires ${text(neededText(gate.needs))}, none from a requester.`, ...blocks].join('\n');
}
