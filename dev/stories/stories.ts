import type { Story } from './story';
import { monitorStory } from './story-monitor';
import { preflightStory } from './story-preflight';
import { rejectionStory } from './story-rejection';
import { slackStory } from './story-slack';
import { usualStory } from './story-usual';
import { workerStory } from './story-worker';

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
