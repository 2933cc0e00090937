import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { link } from '../fields.js';

const contract = contractIn('facade-compute');

const version = z.looseObject({
  id: z.string(),
  status: z.string(),
  version: z.string(),
  min_version: z.string(),
  updated: z.string(),
  links: z.array(link),
});
export const listVersions = contract({
  method: 'get',
  path: '/compute',
  access: 'public',
  status: 200,
  summary: 'The versions of the compute API',
  source: 'contract compute §12.2',
  response: z.object({ versions: z.array(version) }),
});
export const showVersion = contract({
  method: 'get',
  path: '/compute/v2.1',
  access: 'public',
  status: 200,
  summary: 'Version 2.1, with its range of microversions',
  source: 'contract compute §12.2',
  response: z.object({ version }),
});
