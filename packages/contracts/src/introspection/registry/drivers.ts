import { z } from 'zod';
import { nodesContract as contract, queryOf, registryLinks, source } from './fields.js';

const driver = z
  .looseObject({ name: z.string(), hosts: z.array(z.string()), links: registryLinks })
  .meta({ id: 'Driver' });
const driverParam = z.object({ driver_name: z.string() });
const common = { source: source('11.2'), access: 'user', status: 200 } as const;

export const listDrivers = contract({
  method: 'get',
  path: '/baremetal/v1/drivers',
  summary: 'List hardware types',
  description: 'Answers the drivers that nodes may have here.',
  ...common,
  query: queryOf('type', 'detail', 'fields'),
  response: z.object({ drivers: z.array(driver) }),
});
export const showDriver = contract({
  method: 'get',
  path: '/baremetal/v1/drivers/:driver_name',
  summary: 'Show a hardware type',
  description: 'Answers the driver with its interfaces, or 404.',
  ...common,
  params: driverParam,
  query: queryOf('fields'),
  response: z.looseObject({ links: registryLinks }),
});
export const showDriverProperties = contract({
  method: 'get',
  path: '/baremetal/v1/drivers/:driver_name/properties',
  summary: 'What driver_info may hold for a hardware type',
  description: 'Answers the name of each property with a sentence on it.',
  ...common,
  params: driverParam,
  response: z.record(z.string(), z.string()),
});
