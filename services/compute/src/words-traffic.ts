import type { Words } from './wording.js';

/** How compute refuses what concerns traffic (contract compute §14.3). */
export const trafficWords = {
  'instance.traffic': {
    code: 'invalid_state',
    text: 'The instance has used up its traffic of this month. It may run again next month, or with a higher limit.',
  },
  'traffic.throttle': { code: 'validation', text: 'Traffic can not be throttled in this region.' },
  'traffic.day': { code: 'validation', text: 'Enter a day, such as 2026-01-31.' },
  'traffic.days': {
    code: 'validation',
    text: ({ max }: { max: number }) => `The days must be in order, and at most ${max} of them.`,
  },
} satisfies Words;
