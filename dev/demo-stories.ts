import type { Story } from './demo-story';
import { monitorStory } from './demo-story-monitor';
import { preflightStory } from './demo-story-preflight';
import { rejectionStory } from './demo-story-rejection';
import { slackStory } from './demo-story-slack';
import { usualStory } from './demo-story-usual';
import { workerStory } from './demo-story-worker';

/** Everything that the demo can show; all but `usual` by `--fail`. */
export const stories = {
  usual: usualStory,
  preflight: preflightStory,
  rejection: rejectionStory,
  monitor: monitorStory,
  worker: workerStory,
  slack: slackStory,
} satisfies Record<string, Story>;

export type StoryName = keyof typeof stories;
