import { Fault } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { getInstance, type DetailedInstance } from '../../instances/domain/instances.js';
import { sentenceOf, wordingOf } from '../../refusals.js';

const noServer = (id: string): string => `Instance ${id} could not be found.`;
/** @throws Fault not_found, in Nova's words */
export const getServer = (ctx: ComputeRequest, id: string): Promise<DetailedInstance> =>
  named(() => getInstance(ctx, id), noServer(id));

/** What Nova says where the domain refuses. */
export interface NovaSays {
  /** By the field of the portal that names nothing. */
  missing?: Readonly<Record<string, Fault>>;
  /** By the domain's code. */
  codes?: Readonly<Record<string, Fault>>;
}
/**
 * Does something to a server. The domain names fields of the portal, which Nova's requests do not have: such refusals
 * are said in a sentence alone.
 */
export const onServer = async <T>(
  id: string,
  work: () => Promise<T>,
  { missing = {}, codes = {} }: NovaSays = {},
): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    if (!(err instanceof Fault) || err.code === 'facade.refused') throw err;
    if (err.kind === 'not_found') throw faceFault('not_found', noServer(id));
    const [issue] = err.params.issues ?? [];
    const code = codes[err.code] ?? (issue && codes[issue.rule]);
    if (code) throw code;
    if (err.kind !== 'invalid' || !issue) throw err;
    const field = String(issue.path[0] ?? '');
    const { rule, values = {} } = issue;
    if (rule === 'pk')
      throw missing[field] ?? faceFault('invalid', `${field} ${String(values.pk)} could not be found.`);
    const wording = wordingOf(rule);
    throw wording ? faceFault('invalid', sentenceOf(wording, values)) : err;
  }
};
