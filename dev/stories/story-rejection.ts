import type { Story } from './story';

/** One approver says yes, the other one no. */
export const rejectionStory: Story = {
  shows: 'an approver rejects: production stays as it was',
  title: 'shows a rejection: one approver agrees, the other one does not',
  ends: 'rejected',
  leaves: { staging: 'no columns', production: 'columns' },
  decide: ({ to, input, code }) =>
    to === 'ben'
      ? { signal: 'reject', input: { reason: 'a client still reads the old column until Friday', code } }
      : { signal: 'approve', input },
  lesson: [
    'Any rejection closes the gate at once, no matter who has approved; a reason is required and is in the report.',
    'Production was only read. Staging keeps the change, where it was tried.',
  ],
};
