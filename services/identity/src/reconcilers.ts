import { tidyTokens } from './access/jobs/tokens-tidy.js';

/** The sweeps, which run on a timer. */
export const reconcilers = [tidyTokens];
