import type { Tx } from '@nefos/service-kit';
import { insertComponent, insertEndpoint, insertService } from '../store/catalog.js';
import { OWN_SERVICES } from './own-services.js';

/** The catalog that the guide prints, for the demo fixture. */
const COMPONENTS = [
  { id: 1, name: 'grnet cloud', url: '/', icon: 'home-icon.png', position: 1, listed: true },
  { id: 2, name: '~okeanos', url: '/okeanos.html', position: 2, listed: true },
  { id: 3, name: 'pithos', url: '/ui/', position: 3, listed: true },
];
const cyclades = 'https://cyclades.example.synnefo.org';
const store = 'https://object-store.example.synnefo.org';
const own = (name: string) => {
  const found = OWN_SERVICES.find((s) => s.name === name);
  if (!found) throw new Error(name);
  return { ...found, componentId: 1 };
};
const other = (componentId: number, name: string, type: string, versionId: string, publicURL: string, ui: string) => ({
  name,
  type,
  componentId,
  data: { versionId, publicURL, 'SNF:uiURL': ui },
});
/** In the order in which the guide prints them, identity's own addresses being those of this installation. */
const SERVICES = [
  own('astakos_account'),
  own('astakos_identity'),
  other(2, 'cyclades_compute', 'compute', 'v2.0', `${cyclades}/cyclades/compute/v2.0`, `${cyclades}/ui`),
  other(2, 'cyclades_vmapi', 'cyclades_vmapi', 'v1.0', `${cyclades}/cyclades/vmapi/v1.0`, `${cyclades}/ui`),
  other(2, 'cyclades_plankton', 'image', 'v1.0', `${cyclades}/cyclades/image/v1.0`, `${cyclades}/ui`),
  other(3, 'pithos_public', 'public', 'v2.0', `${store}/pithos/public/v2.0`, `${store}/ui`),
  other(3, 'pithos_object-store', 'object-store', 'v1', `${store}/pithos/object-store/v1`, `${store}/ui`),
  own('astakos_weblogin'),
  own('astakos_oauth2'),
];
/** Into an empty catalog. */
export const insertDemoCatalog = async (tx: Tx): Promise<void> => {
  for (const one of COMPONENTS) await insertComponent(tx, one);
  for (const [i, { data, ...service }] of SERVICES.entries()) {
    const id = await insertService(tx, { ...service, id: i + 1 });
    if (id !== undefined) await insertEndpoint(tx, id, data);
  }
};
