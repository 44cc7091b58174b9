import fc from 'fast-check';
import { mrkdwnToHtml } from '../../../dev/local-slack/mrkdwn';
import { someOf } from '../../support/inputs/some';

const names: Record<string, string> = { U0ADA: 'Ada', C0R: 'rollouts' };
const toHtml = (mrkdwn: string) => mrkdwnToHtml(mrkdwn, (id) => names[id]);

test.each([
  ['*bold* and _italic_ and ~struck~', '<strong>bold</strong> and <em>italic</em> and <s>struck</s>'],
  ['*bold with _italic_*', '<strong>bold with <em>italic</em></strong>'],
  ['owner_api_key and 2*3*4 and a ~ b', 'owner_api_key and 2*3*4 and a ~ b'],
  ['`*code*` is code', '<code>*code*</code> is code'],
  ['two\nlines', 'two<br>lines'],
  ['<@U0ADA> in <#C0R>, <!here>', '@Ada in #rollouts, @here'],
  ['<@U0NOBODY>', '@U0NOBODY'],
  ['a &lt;b&gt; &amp;amp;', 'a &#60;b&#62; &#38;amp;'],
  ['> quoted\n> *twice*\nand on', '<blockquote>quoted<br><strong>twice</strong></blockquote>and on'],
  [':white_check_mark: :unknown_sign:', '✓ :unknown_sign:'],
])('%j is shown as Slack would show it', (mrkdwn, html) => {
  expect(toHtml(mrkdwn).replace(/<\/?span[^>]*>/g, '')).toBe(html);
});

test('a code block is shown as it is', () => {
  expect(toHtml('see\n```\n{"a": "*b*"}\n```\nthen')).toMatch(
    /^see<br><div class="code">.*<pre>\{&#34;a&#34;: &#34;\*b\*&#34;\}<\/pre><\/div>then$/,
  );
});

test('links go to the web or to a mailbox, and nowhere else', () => {
  expect(toHtml('<https://a.example/?x=1&amp;y=2|the run>')).toContain('href="https://a.example/?x=1&#38;y=2"');
  expect(toHtml('<https://a.example/?x=1&amp;y=2|the run>')).toContain('>the run</a>');
  expect(toHtml('<mailto:ada@example.com>')).toContain('href="mailto:ada@example.com"');
  expect(toHtml('<javascript:alert(1)|x> <data:text/html,x> <file:///etc/passwd>')).not.toContain('<a');
});

test('whatever the text, only our own elements come out', () => {
  const own = /<\/?(?:strong|em|s|code|pre|br|blockquote|a|span|div|button)(?: [a-z-]+(?:="[^"<>]*")?)*>/g;
  const pieces = fc.constantFrom(
    '*',
    '_',
    '~',
    '`',
    '```',
    '<',
    '>',
    '"',
    "'",
    '&',
    '&lt;',
    '|',
    '\n',
    '@',
    '!',
    ':x:',
    'https://a',
    ' on=1 ',
    'javascript:',
    'b',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
      expect(toHtml(parts.join('')).replace(own, '')).not.toMatch(/[<>"']/);
    }),
    { numRuns: someOf(2000) },
  );
});
