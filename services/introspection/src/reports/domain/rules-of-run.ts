import type { Queryable } from '@nefos/service-kit';
import type { Rule } from '../../rules/domain/rule.js';
import { rulesInForce } from '../../rules/domain/rules.js';

/** The rules of now, in their order. */
export const currentRules = (q: Queryable): Promise<readonly Rule[]> => rulesInForce(q);
