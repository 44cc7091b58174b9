import type { Story } from './story';

/** From start to done. */
export const usualStory: Story = {
  shows: 'the plan from start to done',
  title: 'drops the plaintext API keys of a small application, first in staging, then in production',
  ends: 'done',
  leaves: { staging: 'no columns', production: 'no columns' },
  lesson: [
    'Staging carried the change first, under load, and was watched; the backups were restored and compared before the drop.',
    'Two people approved with codes that they alone had been sent; the drop verified them again, in its own transaction.',
  ],
};
