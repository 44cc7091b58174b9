import { shownStatus } from '../../../workflows/journal/shown-status';
import { slackStatus } from '../../../report/slack/slack-status';
import { askingFacts, doneFacts, hostileFacts, waitingFacts } from '../../support/looks/facts';

const all = { asking: askingFacts(), done: doneFacts(), hostile: hostileFacts(), waiting: waitingFacts() };

test.each(Object.entries(all))('the message of %s facts is the same from what is sent of them', (_, facts) => {
  expect(slackStatus(shownStatus(facts))).toEqual(slackStatus(facts));
});

test('what is sent holds no code, no finding and no message of people, and is a fraction of the facts', () => {
  const facts = doneFacts();
  const sent = JSON.stringify(shownStatus(facts));
  for (const field of ['"code"', '"findings"', '"messages"', '"votes"', '"gates"', '"signals"', '"environments"'])
    expect({ field, isSent: sent.includes(field) }).toEqual({ field, isSent: false });
  expect(sent.length).toBeLessThan(JSON.stringify(facts).length / 3);
});
