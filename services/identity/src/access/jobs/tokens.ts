export { tidy as tidyTokens } from '../domain/tidy.js';
