import type { Queryable } from '@nefos/service-kit';
import type { AnyRule } from '../../rules/domain/apply-rules.js';
import { rulesInForce } from '../../rules/domain/rules.js';

/** The rules of now, in their order. */
export const currentRules = (q: Queryable): Promise<readonly AnyRule[]> => rulesInForce(q);
