import { writtenName } from '../../../contract/text/object-name';
import { nameOfRemoval } from '../../../contract/plan/removals';
import { moreNames, oddNames } from '../../support/inputs/odd-names';

// Names that need quotes, that are as long as a name can be, or that look like something else. Whole rollouts and rollbacks
// with each of them: test/kill/kinds/odd-names.test.ts.

test('what people read of them stands on one line', () => {
  for (const name of [...oddNames, ...moreNames])
    expect(nameOfRemoval({ table: writtenName(name) })).not.toMatch(/[\n\r\t]/);
});
