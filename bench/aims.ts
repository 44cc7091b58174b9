/** An aim with what was measured, and whether that meets it. */
export type Aim = [text: string, met: boolean];

export const aimsText = (aims: readonly Aim[]): string =>
  aims.map(([text, met]) => `- ${met ? 'met' : 'MISSED'}: ${text}`).join('\n');
