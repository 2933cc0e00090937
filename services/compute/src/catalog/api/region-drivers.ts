import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { getRegionDriver, setRegionDriver, type DriverState } from '../domain/region-drivers.js';

const endpoint = endpointFor<ComputeCtx>();
const view = ({ driver, settings, hasSecrets, actions, createFields, health }: DriverState) => ({
  driver,
  settings,
  has_secrets: hasSecrets,
  actions: [...actions],
  create_fields: [...createFields],
  health,
});

export const regionDriverEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(compute.getRegionDriver, async (ctx, { params }) => view(await getRegionDriver(ctx, params.id))),
  endpoint(compute.putRegionDriver, async (ctx, { params, body }) => {
    await setRegionDriver(ctx, params.id, { ...body, settings: body.settings ?? {} });
    return view(await getRegionDriver(ctx, params.id));
  }),
];
