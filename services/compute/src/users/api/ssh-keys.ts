import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { camelKeys } from '../../camel-keys.js';
import { envelope } from '../../lists/api/envelope.js';
import { localTime } from '../../local-time.js';
import { createSshKey, deleteSshKey, getSshKey, listSshKeys, type SshKey } from '../domain/ssh-keys.js';

const endpoint = endpointFor<ComputeCtx>();
/** Contract compute §8.1. */
const sshKeyView = (ctx: ComputeCtx) => (key: SshKey) => ({
  id: key.id,
  name: key.name,
  public_key: key.publicKey,
  fingerprint: key.fingerprint,
  type: 'ssh',
  created_at: localTime(key.createdAt, ctx.config.NEFOS_COMPUTE_TIME_ZONE),
});
const forRoot = (at: typeof compute.staffSshKeys | typeof compute.userSshKeys): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { query, req }) => envelope(ctx, req, await listSshKeys(ctx, query), sshKeyView(ctx))),
  endpoint(at.get, async (ctx, { params }) => sshKeyView(ctx)(await getSshKey(ctx, params.id))),
  endpoint(at.create, async (ctx, { body }) => {
    const { privateKey, ...key } = await createSshKey(ctx, camelKeys(body));
    return { ...sshKeyView(ctx)(key), ...(privateKey !== undefined && { private_key: privateKey }) };
  }),
  endpoint(at.delete, async (ctx, { params }) => deleteSshKey(ctx, params.id)),
];
export const sshKeyEndpoints: Endpoint<ComputeCtx>[] = [
  ...forRoot(compute.staffSshKeys),
  ...forRoot(compute.userSshKeys),
];
