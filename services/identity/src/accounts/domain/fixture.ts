import type { IdentityCtx } from '../../ctx.js';
import { insertComponent, insertEndpoint, insertService } from '../../catalog/store/catalog.js';
import { markLoaded } from '../store/loaded.js';
import { loadPrincipals, OWN_SERVICES } from './bootstrap.js';
import { changing } from '../../access/domain/changes.js';

/** The people of the guide's catalogs. It gives user2@example.com to two uuids, which can not be: the second is user3@example.com here. */
const PEOPLE = [
  {
    uuid: 'a9dc21d2-bcb2-4104-9a9e-402b7c70d6d8',
    email: 'user1@example.com',
    id: 12,
    first_name: 'Firstname',
    last_name: 'Lastname',
  },
  {
    uuid: '816351c7-7405-4f26-a968-6380cf47ba1f',
    email: 'user2@example.com',
    id: 13,
    first_name: 'Second',
    last_name: 'User',
  },
  {
    uuid: 'ff53baa9-c025-4d56-a6e3-963db0438830',
    email: 'user3@example.com',
    id: 14,
    first_name: 'Third',
    last_name: 'User',
  },
];
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
/** The guide's own data, once. For loopback only: config refuses it elsewhere. */
export const loadDemoFixture = async (ctx: IdentityCtx): Promise<void> => {
  await changing(ctx, async (tx, stale) => {
    if (!(await markLoaded(tx, 'demo'))) return;
    for (const one of COMPONENTS) await insertComponent(tx, one);
    for (const [i, { data, ...service }] of SERVICES.entries()) {
      const id = await insertService(tx, { ...service, id: i + 1 });
      if (id !== undefined) await insertEndpoint(tx, id, data);
    }
    stale('directory');
  });
  await loadPrincipals(
    ctx,
    {
      users: PEOPLE.map(({ id: _, ...person }) => ({ ...person, superuser: false, groups: [], tokens: [] })),
      components: [],
    },
    Object.fromEntries(PEOPLE.map((p) => [p.uuid, p.id])),
  );
};
