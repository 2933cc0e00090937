import { facadeImage } from '@nefos/contracts';
import { endpointFor, Reply } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { named } from '../../facade/api/refused.js';
import * as images from '../domain/images.js';
import { ofImage } from './images.js';
import { memberView, STORE } from './images.view.js';
import { SCHEMAS } from './schemas.js';

const endpoint = endpointFor<ComputeCtx>();
/** The newest is current; clients need no more of the others than that they are there. */
const VERSIONS = ['v2.9', 'v2.7', 'v2.6', 'v2.5', 'v2.4', 'v2.3', 'v2.2', 'v2.1', 'v2.0'];
const versions = (ctx: ComputeRequest) => ({
  versions: VERSIONS.map((id, i) => ({
    id,
    status: i ? 'SUPPORTED' : 'CURRENT',
    links: [{ rel: 'self', href: publicUrl(ctx, '/image/v2/') }],
  })),
});

const memberEndpoints = [
  endpoint(facadeImage.listMembers, async (ctx, { params: { id } }) => ({
    members: (await ofImage(id, () => images.membersOf(ctx, id))).map(memberView),
    schema: '/v2/schemas/members',
  })),
  endpoint(facadeImage.addMember, async (ctx, { params: { id }, body: { member } }) =>
    memberView(await ofImage(id, () => images.shareWith(ctx, id, member))),
  ),
  endpoint(facadeImage.showMember, async (ctx, { params: { id, member } }) =>
    memberView(await ofMember(id, member, () => images.memberOf(ctx, id, member))),
  ),
  endpoint(facadeImage.updateMember, async (ctx, { params: { id, member }, body: { status } }) =>
    memberView(await ofMember(id, member, () => images.answerShare(ctx, id, { member, status }))),
  ),
  endpoint(facadeImage.removeMember, async (ctx, { params: { id, member } }) => {
    await ofMember(id, member, () => images.endShare(ctx, id, member));
  }),
];
const ofMember = <T>(id: string, member: string, work: () => Promise<T>): Promise<T> =>
  named(work, `${member} not found in the member list of the image ${id}.`);

export const restEndpoints = [
  endpoint(facadeImage.listVersions, async (ctx) => Promise.resolve(versions(ctx))),
  endpoint(facadeImage.listVersionsPlain, async (ctx) => Promise.resolve(versions(ctx))),
  ...memberEndpoints,
  ...facadeImage.schemas.map((contract, i) => endpoint(contract, async () => Promise.resolve(new Reply(SCHEMAS[i])))),
  endpoint(facadeImage.importInfo, async () =>
    Promise.resolve({
      'import-methods': { description: 'Import methods available.', type: 'array', value: ['web-download'] },
    }),
  ),
  endpoint(facadeImage.storesInfo, async () => Promise.resolve({ stores: [{ id: STORE, default: 'true' }] })),
];
