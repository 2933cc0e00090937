import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { document } from './fields.js';

const contract = contractIn('facade-volume');
const common = { method: 'get', access: 'public', source: 'contract compute §12.1' } as const;

export const listVersions = contract({
  ...common,
  path: '/volume',
  status: 300,
  summary: 'The versions of the block storage API',
  response: z.object({ versions: z.array(document) }),
});
export const showVersion = contract({
  ...common,
  path: '/volume/v3',
  status: 200,
  summary: 'Version 3, with its range of microversions',
  response: z.object({ versions: z.array(document) }),
});
