import { facadeCompute } from '@nefos/contracts';
import { endpointFor, Reply } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { microseconds } from '../../facade/api/times.js';
import * as keypairs from '../domain/keypairs.js';
import { unknownMarker } from './list-request.js';
import { demandFieldsOf, demandKnownQuery } from './newer-fields.js';

const endpoint = endpointFor<ComputeCtx>();
const short = (ctx: ComputeRequest, k: keypairs.KeypairRow) => ({
  name: k.name,
  public_key: k.publicKey,
  fingerprint: k.fingerprint,
  ...(since(ctx, 2) && { type: 'ssh' }),
});
/** Nova numbers its key pairs. */
const numberOf = (id: string): number => Number.parseInt(id.slice(0, 7), 16);
const whole = (ctx: ComputeRequest, k: keypairs.KeypairRow) => ({
  ...short(ctx, k),
  id: numberOf(k.id),
  user_id: k.userUuid,
  created_at: microseconds(k.createdAt),
  updated_at: null,
  deleted: false,
  deleted_at: null,
});
const userOf = (ctx: ComputeRequest, query: FaceQuery): string | undefined =>
  since(ctx, 10) ? queryText(query, 'user_id') : undefined;
const ofKeypair = <T>(name: string, work: () => Promise<T>): Promise<T> =>
  named(work, `Keypair ${name} not found for user.`);

export const keypairEndpoints = [
  endpoint(facadeCompute.listKeypairs, async (ctx, { req, query }) => {
    const limit = since(ctx, 35) ? queryLimit(query) : 1000;
    const after = since(ctx, 35) ? (queryText(query, 'marker') ?? null) : null;
    demandKnownQuery(ctx, query, ['user_id', 'limit', 'marker']);
    const found = await keypairs.keypairsOf(ctx, userOf(ctx, query), { limit: limit + 1, after });
    if (found === 'no_marker') throw unknownMarker(after ?? undefined);
    const rows = found.slice(0, limit);
    const last = rows.at(-1);
    return {
      keypairs: rows.map((one) => ({ keypair: short(ctx, one) })),
      ...(last &&
        found.length > limit && { keypairs_links: nextLinks(ctx, req, '/compute/v2.1/os-keypairs', last.name) }),
    };
  }),
  endpoint(facadeCompute.showKeypair, async (ctx, { params: { name }, query }) => {
    demandKnownQuery(ctx, query, ['user_id']);
    return { keypair: whole(ctx, await ofKeypair(name, () => keypairs.getKeypair(ctx, name, userOf(ctx, query)))) };
  }),
  endpoint(facadeCompute.createKeypair, async (ctx, { body: { keypair: b } }) => {
    demandFieldsOf(ctx, b, { type: 2, user_id: 10 }, 'keypair');
    if (b.type === 'x509') throw faceFault('invalid', 'Key pairs of the type x509 are not supported.');
    const made = await keypairs.makeKeypair(ctx, { name: b.name, publicKey: b.public_key ?? null, userId: b.user_id });
    const keypair = {
      ...short(ctx, made),
      user_id: made.userUuid,
      ...(made.privateKey !== undefined && { private_key: made.privateKey }),
    };
    return new Reply({ keypair }, { status: since(ctx, 2) ? 201 : 200 });
  }),
  endpoint(facadeCompute.deleteKeypair, async (ctx, { params: { name }, query }) => {
    demandKnownQuery(ctx, query, ['user_id']);
    await ofKeypair(name, () => keypairs.dropKeypair(ctx, name, userOf(ctx, query)));
    return new Reply(undefined, { status: since(ctx, 2) ? 204 : 202 });
  }),
];
