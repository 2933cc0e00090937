import type { Json } from '../../../values.js';

/** What a TLV says: keys and values. */
export type Said = Record<string, Json | undefined>;
