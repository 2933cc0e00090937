/** One of the APIs of identity: each has its own form of refusals and its own rules. */
export interface Surface {
  readonly name: 'V3' | 'V2' | 'Internal' | 'Account';
  readonly prefix: string;
  /** Whether refusals are also written in XML, for clients that ask for it. */
  readonly xml: boolean;
  /** Whether HEAD is answered like GET, without the body. */
  readonly head: boolean;
  /** Whether a component is a caller like a user: `access: 'user'` knows its token. */
  readonly componentsCall: boolean;
  /** Whether an unknown path under the prefix is a malformed request (400) instead of absent (404) (contract identity §1.1, §12.1). */
  readonly unknownPathIsInvalid: boolean;
}
const ACCOUNT: Surface = {
  name: 'Account',
  prefix: '/account',
  xml: true,
  head: false,
  componentsCall: false,
  unknownPathIsInvalid: true,
};
/** In the order in which prefixes are tried. */
const SURFACES: readonly Surface[] = [
  { name: 'V3', prefix: '/identity/v3', xml: false, head: true, componentsCall: true, unknownPathIsInvalid: false },
  { name: 'V2', prefix: '/identity', xml: true, head: true, componentsCall: false, unknownPathIsInvalid: true },
  { name: 'Internal', prefix: '/internal', xml: true, head: false, componentsCall: false, unknownPathIsInvalid: false },
];
/** The API that a path belongs to; pages, aliases and everything else belong to the account API. */
export const surfaceOf = (path: string): Surface => SURFACES.find(({ prefix }) => path.startsWith(prefix)) ?? ACCOUNT;
