import type { Tx } from '@nefos/service-kit';
import { insertComponent } from '../store/components.js';
import { insertEndpoint } from '../store/endpoints.js';
import { insertService } from '../store/services.js';
import { OWN_SERVICES } from './own-names.js';

/** The components of the catalog printed in the Astakos guide, for the demo fixture. */
const COMPONENTS = [
  { id: 1, name: 'grnet cloud', url: '/', icon: 'home-icon.png', position: 1, listed: true },
  { id: 2, name: '~okeanos', url: '/okeanos.html', position: 2, listed: true },
  { id: 3, name: 'pithos', url: '/ui/', position: 3, listed: true },
];
const cyclades = 'https://cyclades.example.synnefo.org';
const store = 'https://object-store.example.synnefo.org';
const ownService = (name: (typeof OWN_SERVICES)[number]['name']) => ({
  ...(OWN_SERVICES.find((s) => s.name === name) as (typeof OWN_SERVICES)[number]),
  componentId: 1,
});
const service = (
  componentId: number,
  name: string,
  type: string,
  versionId: string,
  publicURL: string,
  uiURL: string,
) => ({ name, type, componentId, document: true, data: { versionId, publicURL, 'SNF:uiURL': uiURL } });
/** In the order of the guide. The addresses of identity's own services are those of this installation. */
const SERVICES = [
  ownService('astakos_account'),
  ownService('astakos_identity'),
  service(2, 'cyclades_compute', 'compute', 'v2.0', `${cyclades}/cyclades/compute/v2.0`, `${cyclades}/ui`),
  service(2, 'cyclades_vmapi', 'cyclades_vmapi', 'v1.0', `${cyclades}/cyclades/vmapi/v1.0`, `${cyclades}/ui`),
  service(2, 'cyclades_plankton', 'image', 'v1.0', `${cyclades}/cyclades/image/v1.0`, `${cyclades}/ui`),
  service(3, 'pithos_public', 'public', 'v2.0', `${store}/pithos/public/v2.0`, `${store}/ui`),
  service(3, 'pithos_object-store', 'object-store', 'v1', `${store}/pithos/object-store/v1`, `${store}/ui`),
  ownService('astakos_weblogin'),
  ownService('astakos_oauth2'),
];
/** Fills an empty catalog. */
export const insertDemoCatalog = async (tx: Tx): Promise<void> => {
  for (const component of COMPONENTS) await insertComponent(tx, component);
  for (const [i, { data, ...row }] of SERVICES.entries()) {
    const id = await insertService(tx, { ...row, id: i + 1 });
    if (id !== undefined) await insertEndpoint(tx, id, data);
  }
};
