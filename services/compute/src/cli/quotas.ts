import { compute } from '@nefos/contracts';
import { Fault, type Db } from '@nefos/service-kit';
import { changeLimits, findProjectsNamed, readQuotas, type LimitChanges } from '../projects/domain/quotas.js';
import { QUOTA_RESOURCES, UNLIMITED, type Quotas } from '../projects/quota-resources.js';
import { sentenceOf, wordingOf } from '../refusals.js';
import type { Row } from './output.js';

const rowsOf = (quotas: Quotas): Row[] =>
  QUOTA_RESOURCES.map((resource) => {
    const { limit, inUse, reserved } = quotas[resource];
    return { resource, limit: limit === UNLIMITED ? 'unlimited' : limit, in_use: inUse, reserved };
  });
const projectNamed = async (db: Db, word: string): Promise<string> => {
  const ids = await findProjectsNamed(db, word);
  if (ids.length > 1) throw new Error(`there is more than one project ${word}: give its id`);
  const [id] = ids;
  if (id === undefined) throw new Error(`there is no project ${word}`);
  return id;
};
/** `cores=40` and so on as the API takes them; the API's schema judges the values. @throws Error */
const changesOf = (pairs: readonly string[]): LimitChanges => {
  const given: Record<string, unknown> = {};
  for (const pair of pairs) {
    const [resource = '', limit = '', ...more] = pair.split('=');
    if (!resource || !limit || more.length) throw new Error(`${pair} is no limit: write <resource>=<limit>`);
    if (!(QUOTA_RESOURCES as readonly string[]).includes(resource))
      throw new Error(`there is no resource ${resource}: there are ${QUOTA_RESOURCES.join(', ')}`);
    given[resource] = limit === 'unlimited' ? UNLIMITED : limit === 'default' ? null : limit;
  }
  const found = compute.patchQuotas.body.safeParse(given);
  if (found.success) return found.data;
  const wrong = found.error.issues.map(({ path }) => path.join('.')).join(', ');
  throw new Error(`${wrong}: a limit is a whole number from 0 to 2147483647, unlimited or default`);
};
/** The sentences of a refusal. */
const spoken = (err: unknown): Error => {
  if (!(err instanceof Fault)) return err as Error;
  const sentences = (err.params.issues ?? []).map(({ rule, values }) => {
    const wording = wordingOf(rule);
    return wording ? sentenceOf(wording, values ?? {}) : rule;
  });
  return new Error(`${sentences.join(' ')} --force sets it all the same.`);
};

/** @throws Error for the operator */
export const showQuotaRows = async (db: Db, project: string): Promise<Row[]> =>
  rowsOf(await readQuotas(db, await projectNamed(db, project)));
/** @param pairs `<resource>=<limit>`. @throws Error for the operator */
export const setQuotaRows = async (
  db: Db,
  project: string,
  pairs: readonly string[],
  { force }: { force: boolean },
): Promise<Row[]> => {
  if (!pairs.length) throw new Error('give limits, such as cores=40');
  const changes = changesOf(pairs);
  const id = await projectNamed(db, project);
  return rowsOf(
    await changeLimits(db, id, changes, { force }).catch((err: unknown) => {
      throw spoken(err);
    }),
  );
};
