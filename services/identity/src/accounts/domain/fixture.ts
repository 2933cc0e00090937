import type { IdentityCtx } from '../../ctx.js';
import { insertDemoCatalog } from '../../catalog/domain/demo-catalog.js';
import { markLoaded } from '../store/loaded.js';
import { loadPrincipals } from './bootstrap.js';
import { transactionWithInvalidation } from '../../access/domain/changes.js';

/**
 * The users in the examples of the Astakos guide. The guide gives user2@example.com to two uuids, which is impossible
 * here: the second one is user3@example.com.
 */
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
/** Loads the guide's example data, once. For loopback only: the configuration refuses it elsewhere. */
export const loadDemoFixture = async (ctx: IdentityCtx): Promise<void> => {
  await transactionWithInvalidation(ctx, async (tx, invalidate) => {
    if (!(await markLoaded(tx, 'demo'))) return;
    await insertDemoCatalog(tx);
    invalidate('directory');
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
