import type { Words } from './wording.js';

export interface Refused {
  /** The sentence as the API of OpenStack has it. */
  message: string;
  /** The type of a fault of the network API, e.g. `NetworkNotFound`. */
  type?: string | undefined;
}
/** How OpenStack's face refuses what only it knows (contract compute §12). */
export const facadeWords = {
  'facade.refused': { code: 'validation', text: ({ message }: Refused) => message },
  'facade.no_project': {
    code: 'permission_denied',
    text:
      'The token has no project of yours. Sign in with one: --os-project-name or --os-project-id; ' +
      'openstack project list --my-projects shows yours.',
  },
  'facade.no_client': {
    code: 'permission_denied',
    text:
      "The token's project belongs to no client, so nothing can be made in it. Sign in with a client's project: " +
      'openstack project list --my-projects shows yours. Administrators make things for clients in the portal.',
  },
  'facade.policy': { code: 'permission_denied', text: "Policy doesn't allow this to be performed." },
  'facade.project_path': {
    code: 'validation',
    text: ({ path, token }: { path: string; token: string }) =>
      `Malformed request URL: URL's project_id '${path}' doesn't match Context's project_id '${token}'`,
  },
} satisfies Words;
