import fc from 'fast-check';
import { approvalCode, normalizeCode, sameCode, type OwnFacts } from '../../../activities/decisions/approval-code';
import type { Gate } from '../../../contract/run/decisions';

const text = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' });
const gates: fc.Arbitrary<Gate> = fc.record({
  target: text,
  workflowId: text,
  firstRun: text,
  name: text,
  purpose: fc.constantFrom('approve', 'accept', 'accept-loss'),
  challenge: fc.uuid(),
  planDigest: text,
  evidenceDigest: text,
  requesters: fc.uniqueArray(text, { maxLength: 3 }),
  expiresAt: text,
  needs: fc.dictionary(text, fc.nat()),
});
const keys = fc.record({ id: text, secret: fc.string({ minLength: 32, maxLength: 64 }) });
const facts: fc.Arbitrary<OwnFacts> = fc.record({ approvalKey: keys, policyDigest: text, systemIdentifier: text });
const all = fc.tuple(facts, gates, text);

test('a code is 16 letters and digits that can be read out, the same for the same facts', () => {
  fc.assert(
    fc.property(all, ([own, gate, person]) => {
      const code = approvalCode(own, gate, person);
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$/);
      expect(approvalCode(own, { ...gate, requesters: [...gate.requesters].reverse() }, person)).toBe(code);
      expect(sameCode(code, code)).toBe(true);
    }),
  );
});

test('another value of anything that it is bound to gives another code', () => {
  const bound = fc.constantFrom(
    ...([
      'target',
      'workflowId',
      'firstRun',
      'name',
      'challenge',
      'planDigest',
      'evidenceDigest',
      'expiresAt',
    ] as const),
  );
  fc.assert(
    fc.property(all, bound, text, ([own, gate, person], field, other) => {
      fc.pre(gate[field] !== other);
      const code = approvalCode(own, gate, person);
      expect(approvalCode(own, { ...gate, [field]: other }, person)).not.toBe(code);
    }),
  );
  fc.assert(
    fc.property(all, text, ([own, gate, person], other) => {
      const code = approvalCode(own, gate, person);
      const { approvalKey: key, policyDigest, systemIdentifier } = own;
      fc.pre(![person, policyDigest, systemIdentifier, key.id, key.secret, ...gate.requesters].includes(other));
      const purpose = gate.purpose === 'approve' ? 'accept' : 'approve';
      const others = [
        approvalCode(own, gate, other),
        approvalCode({ ...own, policyDigest: other }, gate, person),
        approvalCode({ ...own, systemIdentifier: other }, gate, person),
        approvalCode({ ...own, approvalKey: { ...key, id: other } }, gate, person),
        approvalCode({ ...own, approvalKey: { ...key, secret: other } }, gate, person),
        approvalCode(own, { ...gate, purpose }, person),
        approvalCode(own, { ...gate, requesters: [...gate.requesters, other] }, person),
      ];
      expect(new Set([code, ...others]).size).toBe(others.length + 1);
    }),
  );
});

test('what stands in one field never counts as what stands in the next', () => {
  const gate: Gate = {
    ...{ target: 't', workflowId: 'a', firstRun: 'bc', name: 'n', purpose: 'approve', challenge: 'c' },
    ...{ planDigest: 'p', evidenceDigest: 'e', requesters: ['x', 'y'], expiresAt: '2026', needs: {} },
  };
  const own = { approvalKey: { id: 'k', secret: 's' }, policyDigest: 'p', systemIdentifier: '1' };
  const codeOf = (change: Partial<Gate>) => approvalCode(own, { ...gate, ...change }, 'anna');
  const codes = [{}, { workflowId: 'ab', firstRun: 'c' }, { requesters: ['x,y'] }, { requesters: ['x', 'y', ''] }];
  expect(new Set(codes.map(codeOf)).size).toBe(codes.length);
});

test('a code counts however it is typed or pasted, and no other text does', () => {
  const asTyped = fc.constantFrom(
    (code: string) => code,
    (code: string) => code.toLowerCase(),
    (code: string) => code.replaceAll('-', ''),
    (code: string) => code.replaceAll('-', ' '),
    (code: string) => code.replaceAll('-', '–'),
    (code: string) => ` \`${code}\`\n`,
    (code: string) => code.replaceAll('0', 'O').replaceAll('1', 'I'),
    (code: string) => code.replaceAll('0', 'o').replaceAll('1', 'l'),
  );
  fc.assert(
    fc.property(all, asTyped, fc.nat(), ([own, gate, person], typed, place) => {
      const code = approvalCode(own, gate, person);
      expect(sameCode(typed(code), code)).toBe(true);
      const codeMessages = code.replaceAll('-', '');
      const at = place % codeMessages.length;
      const wrong = codeMessages.slice(0, at) + (codeMessages[at] === '7' ? '8' : '7') + codeMessages.slice(at + 1);
      expect(sameCode(wrong, code)).toBe(false);
      expect(sameCode(codeMessages.slice(1), code)).toBe(false);
      expect(sameCode(`${codeMessages}0`, code)).toBe(false);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (anything) => {
      expect(sameCode(anything, 'K7Q2-9XWM-4T3H-PB6D')).toBe(normalizeCode(anything) === 'K7Q2-9XWM-4T3H-PB6D');
      expect(normalizeCode(normalizeCode(anything))).toBe(normalizeCode(anything));
    }),
  );
});
