/** Services without which clients can not start; every catalog has them (contract identity §5.7). */
export const OWN_SERVICES = [
  {
    name: 'astakos_account',
    type: 'account',
    data: { versionId: 'v1.0', publicURL: '/account/v1.0', 'SNF:uiURL': '/ui' },
  },
  {
    name: 'astakos_identity',
    type: 'identity',
    data: { versionId: 'v2.0', publicURL: '/identity/v2.0', 'SNF:uiURL': '/ui' },
  },
  {
    name: 'astakos_weblogin',
    type: 'astakos_weblogin',
    data: { versionId: '', publicURL: '/weblogin', 'SNF:uiURL': '/ui' },
  },
  { name: 'astakos_oauth2', type: 'astakos_auth', data: { versionId: '', publicURL: '/oauth2', 'SNF:uiURL': '/ui' } },
] as const;
export const isOwnService = (name: string): boolean => OWN_SERVICES.some((one) => one.name === name);

const at = (versionId: string, url: string): Record<string, string> => ({
  versionId,
  publicURL: url,
  // Clients and middleware of other projects ask for these, too.
  internalURL: url,
  adminURL: url,
});
/** What the other services of Nefos serve under the same origin (contract compute §12.1). */
export const CLOUD_SERVICES = [
  { name: 'nova', type: 'compute', data: at('v2.1', '/compute/v2.1') },
  { name: 'glance', type: 'image', data: at('v2', '/image') },
  { name: 'neutron', type: 'network', data: at('v2.0', '/network') },
  { name: 'cinderv3', type: 'volumev3', data: at('v3', '/volume/v3') },
  { name: 'nefos_metering', type: 'metering', data: at('v2', '/api/cloudigrade/v2') },
] as const;
/** What came later: bare metal. Its original clients read the versions at the address itself. */
export const BAREMETAL_SERVICES = [
  { name: 'ironic', type: 'baremetal', data: at('v1', '/baremetal') },
  { name: 'ironic-inspector', type: 'baremetal-introspection', data: at('v1', '/v1') },
] as const;

/** The people of the guide's examples, who are shown the catalog that the guide prints. */
const PEOPLE_OF_THE_GUIDE = new Set([
  'c18088be-16b1-4263-8180-043c54e22903',
  'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8',
  '816351c7-7405-4f26-a968-6380cf47ba1f',
  'ff53baa9-c025-4d56-a6e3-963db0438830',
]);
/** Whether a user is shown the guide's catalog, where it is loaded. Without a token the catalog is the guide's, too. */
export const readsTheGuide = (uuid: string | undefined): boolean => uuid === undefined || PEOPLE_OF_THE_GUIDE.has(uuid);
