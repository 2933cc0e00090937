import { tidyTokens } from './access/jobs/tokens-tidy.js';

/** The sweeps that run on a timer. */
export const reconcilers = [tidyTokens];
