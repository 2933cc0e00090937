import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { DRIVER_KINDS } from './driver-kinds.js';
import { idParam } from './params.js';

const contract = contractIn('catalog');

/** Which driver manages a region's machines, and whether it can (contract compute §11). */
export const regionDriver = z
  .strictObject({
    driver: z.enum(DRIVER_KINDS),
    settings: z.record(z.string(), z.unknown()).describe('what the driver needs to know; docs/drivers.md lists them'),
    has_secrets: z.boolean().describe('whether secrets are stored; they are never answered'),
    actions: z.array(z.string()),
    create_fields: z.array(z.string()).describe('fields of a create that the driver can honour'),
    health: z.strictObject({ ok: z.boolean(), detail: z.string().optional() }),
  })
  .meta({ id: 'RegionDriver' });
/** The fields with which staff set a region's driver. */
export const regionDriverFields = {
  driver: drf.choice(DRIVER_KINDS, {}),
  settings: drf.jsonObject({ required: false, max: 65_536 }),
  secrets: drf.jsonObject({ required: false, max: 16_384 }),
};

export const getRegionDriver = contract({
  method: 'get',
  path: '/staffapi/openstack/regions/:id/driver',
  access: 'staff',
  status: 200,
  summary: "A region's driver",
  description: "Answers which driver manages the region's machines, its settings, and whether it can do its work now.",
  source: 'contract compute §11',
  params: idParam,
  response: regionDriver,
});
export const putRegionDriver = contract({
  method: 'put',
  path: '/staffapi/openstack/regions/:id/driver',
  access: 'staff',
  status: 200,
  summary: "Set a region's driver",
  description:
    "Sets which driver manages the region's machines, with its settings as a whole; secrets that are not given stay. " +
    '409 while the region has instances and the kind would change.',
  source: 'contract compute §11',
  params: idParam,
  body: drf.dict(regionDriverFields),
  response: regionDriver,
  refusals: [409],
});
