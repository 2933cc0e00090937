import { transactionWithInvalidation } from '../../access/domain/changes.js';
import type { IdentityCtx } from '../../ctx.js';
import { findComponent, insertComponent } from '../store/components.js';
import { insertEndpoint } from '../store/endpoints.js';
import { insertService } from '../store/services.js';

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

/** Registers those of identity's own services that are missing; existing ones are not changed. */
export const ensureOwnServices = (ctx: IdentityCtx): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    for (const { name, type, data } of OWN_SERVICES) {
      const owner = (await findComponent(tx, 'astakos')) ?? (await findComponent(tx, 'grnet cloud'));
      const componentId =
        owner?.id ?? (await insertComponent(tx, { name: 'astakos', url: '/ui/', listed: true, position: 1 }));
      const id = componentId === undefined ? undefined : await insertService(tx, { name, type, componentId });
      if (id !== undefined) {
        await insertEndpoint(tx, id, data);
        invalidate('directory');
      }
    }
  });
