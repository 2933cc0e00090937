import { openapi } from '@nefos/contracts';
import { endpoints } from './api/endpoints.js';

/** The OpenAPI document of this service. */
export const document = (): object =>
  openapi(
    endpoints.map((one) => one.contract),
    { title: 'Nefos compute', version: '1', description: 'Clients and billing portal, instances (contract compute)' },
    ['Token'],
  );
