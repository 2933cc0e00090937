import type { Fault } from '@nefos/service-kit';

/**
 * The sentences in which Keystone refuses on v3: clients print them, and scripts compare them. What is not here is said
 * in the words of `words.ts`.
 */
const SAME = new Map<string, string>([
  ...['token.missing', 'token.unknown', 'token.expired', 'user.inactive'].map(
    (code) => [code, 'The request you have made requires authentication.'] as const,
  ),
  ...['permission_denied', 'component.not_trusted', 'component_only'].map(
    (code) => [code, 'You are not authorized to perform the requested action.'] as const,
  ),
]);
/** Things by their codes: the name in the sentence, and the part of a path after which one is named. */
const THINGS = new Map<string, readonly [name: string, inPath: string]>([
  ['credential.absent', ['Application Credential', 'application_credentials']],
  ...['domain', 'endpoint', 'group', 'project', 'region', 'role', 'service', 'user'].map(
    (name) => [`${name}.absent`, [name, `${name}s`]] as const,
  ),
]);
const LONGEST_SHOWN = 255;

/**
 * Keystone's sentence of a refusal; undefined: it has none.
 * @param path of the contract, which names the parameters
 */
export const keystoneSentence = (
  fault: Fault,
  path: string | undefined,
  params: Readonly<Record<string, unknown>>,
): string | undefined => {
  const same = SAME.get(fault.code);
  if (same !== undefined) return same;
  const thing = THINGS.get(fault.code);
  if (!thing) return undefined;
  const [name, inPath] = thing;
  const parts = path?.split('/') ?? [];
  // A thing that only the body names is not shown.
  const shown = params[parts[parts.indexOf(inPath) + 1]?.slice(1) ?? ''];
  return `Could not find ${name}${typeof shown === 'string' ? `: ${shown.slice(0, LONGEST_SHOWN)}` : ''}.`;
};
