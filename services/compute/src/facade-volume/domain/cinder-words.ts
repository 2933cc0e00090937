import { Fault, type Issue } from '@nefos/service-kit';

const of = ({ values }: Issue): string => {
  const named = values?.pk ?? values?.value;
  return typeof named === 'string' || typeof named === 'number' ? String(named) : '';
};
/** What the portal says of fields of its own requests, as Cinder says it. */
const WORDS: Readonly<Record<string, (issue: Issue) => string>> = {
  'image pk': (issue) => `Invalid image identifier or unable to access requested image: ${of(issue)}.`,
  'snapshot pk': (issue) => `Snapshot ${of(issue)} could not be found.`,
  'volume pk': (issue) => `Volume ${of(issue)} could not be found.`,
  'backup pk': (issue) => `Backup ${of(issue)} could not be found.`,
  'volume_type pk': (issue) => `Volume type with name ${of(issue)} could not be found.`,
  'region pk': (issue) => `Availability zone '${of(issue)}' is invalid.`,
  'size volume.size_needed': () => "Invalid input received: 'size' is required for a volume without a source.",
  'size volume.small': ({ values }) =>
    `Invalid input received: The volume has to have ${String(values?.least)} GB at least, as its source needs.`,
  'size volume.larger': ({ values }) =>
    `Invalid input received: New size for extend must be greater than current size. (current: ${String(values?.size)})`,
  'incremental volume.no_full_backup': () =>
    'No backups available to do an incremental backup. Do a full backup first.',
};
const NOT_FOUND = new Set(['snapshot pk', 'volume pk', 'backup pk', 'volume_type pk']);
/**
 * Does `work` of the portal's domain; what it says of the fields of its own requests is said in Cinder's words.
 * @throws Fault invalid/facade.refused, not_found/facade.refused: the body names what is not there
 */
export const inCinderWords = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    const issue = err instanceof Fault && err.kind === 'invalid' ? err.params.issues?.[0] : undefined;
    const known = issue && `${String(issue.path[0])} ${issue.rule}`;
    const words = known === undefined ? undefined : WORDS[known];
    if (!issue || !words) throw err;
    const kind = NOT_FOUND.has(known ?? '') ? 'not_found' : 'invalid';
    throw new Fault(kind, 'facade.refused', { message: words(issue) });
  }
};
/** The same for a volume type whose name is taken. @throws Fault conflict/facade.refused */
export const inTypeWords = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    if (err instanceof Fault && err.params.issues?.[0]?.rule === 'unique')
      throw new Fault('conflict', 'facade.refused', { message: `Volume Type ${name} already exists.` });
    throw err;
  }
};
