import type { Queryable } from '@nefos/service-kit';
import type { Rule } from '../../rules/domain/rule.js';

/** The rules of now, in their order. */
export const currentRules = async (_q: Queryable): Promise<readonly Rule[]> => [];
