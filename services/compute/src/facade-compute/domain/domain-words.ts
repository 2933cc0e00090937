import { Fault, type Issue } from '@nefos/service-kit';
import { sentenceOf, wordingOf } from '../../refusals.js';

/** Where a refused value of the portal's create stands in a request of this API, and what Nova says of it. */
export type DomainWords = readonly (readonly [field: string, rule: string, words: (issue: Issue) => string])[];
const WORDS: DomainWords = [
  ['flavor', 'pk', () => 'Invalid flavorRef provided.'],
  ['boot_source', 'pk', () => 'Invalid imageRef provided.'],
  [
    'nics',
    'pk',
    ({ path, values }) => `${path.at(-1) === 'port' ? 'Port id' : 'Network'} ${String(values?.pk)} could not be found.`,
  ],
  ['security_groups', 'pk', ({ values }) => `Security group ${String(values?.pk)} not found for project.`],
  ['security_groups', 'slug', ({ values }) => `Security group ${String(values?.value)} not found for project.`],
  ['network', 'pk', ({ values }) => `Network ${String(values?.pk)} could not be found.`],
  ['port', 'pk', ({ values }) => `Port id ${String(values?.pk)} could not be found.`],
  ['image', 'pk', ({ values }) => `Image ${String(values?.pk)} could not be found.`],
  ['ssh_keys', 'slug', () => 'Invalid key_name provided.'],
  ['region', 'pk', () => 'The requested availability zone is not available'],
];
/**
 * Does `work` of the portal's domain; what it says of the fields of its own requests is said in Nova's words, or in
 * its own sentence alone: the request has no such field.
 * @param own words of this request, which go before
 * @throws Fault invalid/facade.refused
 */
export const inNovaWords = async <T>(work: () => Promise<T>, own: DomainWords = []): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    const issue = err instanceof Fault && err.kind === 'invalid' ? err.params.issues?.[0] : undefined;
    const found = issue && [...own, ...WORDS].find(([field, rule]) => issue.path[0] === field && issue.rule === rule);
    const wording = issue && wordingOf(issue.rule);
    if (!issue || (!found && !wording && issue.rule !== 'pk')) throw err;
    const message = found
      ? found[2](issue)
      : wording
        ? sentenceOf(wording, issue.values ?? {})
        : `${String(issue.path[0])} ${String(issue.values?.pk)} could not be found.`;
    throw new Fault('invalid', 'facade.refused', { message });
  }
};
