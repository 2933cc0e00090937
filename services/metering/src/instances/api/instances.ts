import { metering } from '@nefos/contracts';
import { endpointFor, isoZ } from '@nefos/service-kit';
import type { MeteringCtx } from '../../ctx.js';
import { instanceOf, instancesOf, type Instance } from '../domain/instances.js';
import { callerOf } from '../../access/domain/caller.js';
import { envelope, pageOf } from '../../access/api/page.js';

const endpoint = endpointFor<MeteringCtx>();

const content = (c: Instance['content']) =>
  c.cloud === 'aws'
    ? {
        aws_instance_id: c.id,
        created_at: isoZ(c.createdAt),
        ec2_instance_id: c.ec2InstanceId,
        region: c.region,
        updated_at: isoZ(c.updatedAt),
      }
    : {
        nefos_instance_id: c.id,
        created_at: isoZ(c.createdAt),
        instance_uuid: c.uuid,
        region: c.region,
        updated_at: isoZ(c.updatedAt),
      };
const view = (i: Instance) => ({
  cloud_account_id: i.accountId,
  created_at: isoZ(i.createdAt),
  instance_id: i.id,
  machine_image_id: i.imageId,
  updated_at: isoZ(i.updatedAt),
  cloud_type: i.content.cloud,
  content_object: content(i.content),
});
const filter = (query: { user_id?: string | undefined; running_since?: string | undefined }) => ({
  userId: query.user_id,
  runningSince: query.running_since,
});

export const instanceEndpoints = [
  endpoint(metering.listMeteredInstances, async (ctx, { query, req }) => {
    const page = pageOf(query);
    return envelope(req, page, await instancesOf(ctx, callerOf(ctx), filter(query), page), view);
  }),
  endpoint(metering.getMeteredInstance, async (ctx, { params, query }) =>
    view(await instanceOf(ctx, callerOf(ctx), params.id, filter(query))),
  ),
];
