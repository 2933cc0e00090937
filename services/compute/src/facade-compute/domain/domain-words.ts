import { Fault, type Issue } from '@nefos/service-kit';

/** Where a refused value of the portal's create stands in a request of this API, and what Nova says of it. */
const WORDS: readonly (readonly [field: string, rule: string, words: (issue: Issue) => string])[] = [
  ['flavor', 'pk', () => 'Invalid flavorRef provided.'],
  ['boot_source', 'pk', () => 'Invalid imageRef provided.'],
  ['nics', 'pk', ({ values }) => `Network ${String(values?.pk)} could not be found.`],
  ['security_groups', 'pk', ({ values }) => `Security group ${String(values?.pk)} not found for project.`],
  ['security_groups', 'slug', ({ values }) => `Security group ${String(values?.value)} not found for project.`],
  ['ssh_keys', 'slug', () => 'Invalid key_name provided.'],
  ['region', 'pk', () => 'The requested availability zone is not available'],
];
/**
 * Does `work` of the portal's domain; what it says of the fields of its own requests is said in Nova's words.
 * @throws Fault invalid/facade.refused
 */
export const inNovaWords = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    const issue = err instanceof Fault && err.kind === 'invalid' ? err.params.issues?.[0] : undefined;
    const found = issue && WORDS.find(([field, rule]) => issue.path[0] === field && issue.rule === rule);
    if (!found) throw err;
    throw new Fault('invalid', 'facade.refused', { message: found[2](issue) });
  }
};
