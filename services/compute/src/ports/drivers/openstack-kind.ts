import { capabilitiesOf, createOpenstackDriver } from './openstack-driver.js';
import { OPENSTACK_NETWORKS } from './openstack-networks.js';
import {
  openstackSecrets as secrets,
  openstackSettings as settings,
  type OpenstackSecrets,
  type OpenstackSettings,
} from './openstack-settings.js';

/** Any OpenStack with Keystone v3 (contract compute §11.4). */
export const openstackKind = {
  settings,
  secrets,
  audience: ['auth_url', 'verify', 'ca'],
  capabilities: capabilitiesOf(false),
  capabilitiesBy: (given: unknown) => capabilitiesOf((given as Partial<OpenstackSettings> | null)?.volumes === true),
  networks: OPENSTACK_NETWORKS,
  together: (given: OpenstackSettings, secret: OpenstackSecrets) => {
    const needed = given.application_credential_id === undefined ? 'password' : 'application_credential_secret';
    return secret[needed] === undefined ? [{ path: ['secrets', needed], text: 'This field is required.' }] : [];
  },
  create: (context: { settings: OpenstackSettings; secrets: OpenstackSecrets }) => createOpenstackDriver(context),
};
