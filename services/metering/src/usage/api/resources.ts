import { metering } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { linksOf, pageOf } from '../../access/api/page.js';
import { callerOf } from '../../access/domain/caller.js';
import type { MeteringCtx } from '../../ctx.js';
import { resourceUsage } from '../domain/resources.js';

const endpoint = endpointFor<MeteringCtx>();

export const resourceEndpoints = [
  endpoint(metering.listResourceUsage, async (ctx, { query, req }) => {
    const page = pageOf(query);
    const { count, days } = await resourceUsage(
      ctx,
      callerOf(ctx),
      {
        startDate: query.start_date,
        endDate: query.end_date,
        userId: query.user_id,
        accountId: query.cloud_account_id,
        kind: query.kind,
      },
      page,
    );
    return { meta: { count }, links: linksOf(req, page, count), data: days };
  }),
];
