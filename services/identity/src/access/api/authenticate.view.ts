import { groupsOf, type GroupNames } from '../domain/roles.js';
import { NEVER, type UserToken } from '../domain/tokens.js';
import { asciiJson } from './json.js';

const rfc1123 = (text: string): string => new Date(text).toUTCString();
/** Written documents, by the record that they show: that lives in the cache for seconds and is shown many times. */
const documents = new WeakMap<UserToken, { directory: GroupNames; text: string }>();
/** The document of `authenticate` (contract identity §5.3). */
export const authenticatedView = (directory: GroupNames, t: UserToken) => ({
  id: String(t.user.id),
  displayname: t.user.username,
  uuid: t.user.uuid,
  email: [t.user.username],
  name: t.user.name,
  username: t.user.username,
  groups: groupsOf(directory, t).map((g) => g.name),
  auth_token_created: rfc1123(t.createdAt),
  auth_token_expires: rfc1123(t.expiresAt ?? NEVER),
});
/** The same as JSON text, written once for a record and a directory. */
export const authenticatedJson = (directory: GroupNames, t: UserToken): string => {
  let written = documents.get(t);
  if (written?.directory !== directory)
    documents.set(t, (written = { directory, text: asciiJson(authenticatedView(directory, t)) }));
  return written.text;
};
