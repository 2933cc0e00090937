import { metering } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { MeteringCtx } from '../../ctx.js';

const endpoint = endpointFor<MeteringCtx>();
const RESOURCES = ['accounts', 'instances', 'images', 'concurrent', 'sysconfig'];

export const sysconfigEndpoints = [
  endpoint(metering.getSysconfig, async (ctx) => ({
    aws_account_id: ctx.awsAccountId,
    aws_policies: { traditional_inspection: metering.CUSTOMER_POLICY },
    version: ctx.version,
  })),
  endpoint(metering.getMeteringRoot, async () =>
    Object.fromEntries(RESOURCES.map((name) => [name, `/api/cloudigrade/v2/${name}/`])),
  ),
];
