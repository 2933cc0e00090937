import { z } from 'zod';
import { contractIn } from '../endpoint.js';

const contract = contractIn('reports');
const params = z.object({ node: z.string().min(1).max(255) });
const text = z.string().nullable();

export const takeReport = contract({
  method: 'post',
  path: '/v1/continue',
  summary: 'What a machine found out about itself',
  description:
    'Sent by the ramdisk. The machine is recognised by its BMC address and its MACs; hooks and rules make properties ' +
    'and ports of what it sent. Answered when they are saved; the machine is powered off afterwards. `token` is that ' +
    'of the run, where the installation asks for one.',
  source: 'contract introspection §2.10, §5-§8',
  access: 'public',
  consumes: ['application/json'],
  refusals: [403, 404, 409, 413, 429],
  status: 200,
  response: z.object({ uuid: z.string() }),
});
export const showData = contract({
  method: 'get',
  path: '/v1/introspection/:node/data',
  summary: 'The processed data of a node',
  description:
    'Answers what hooks and rules made of the report, as it is stored: its keys keep their order. It is there until ' +
    'the next start.',
  source: 'contract introspection §2.6',
  access: 'admin',
  components: 'any',
  params,
  status: 200,
  response: z.looseObject({}),
});
export const showUnprocessedData = contract({
  method: 'get',
  path: '/v1/introspection/:node/data/unprocessed',
  summary: 'The data of a node as its ramdisk sent them, without logs',
  description: 'Answers the report before any hook, as it is stored: its keys keep their order.',
  source: 'contract introspection §2.7',
  access: 'admin',
  components: 'any',
  params,
  status: 200,
  response: z.looseObject({}),
});
export const reapply = contract({
  method: 'post',
  path: '/v1/introspection/:node/data/unprocessed',
  summary: 'Process the stored data again, or those of the body',
  description: 'A client that asks for a version below 1.15 sends no body.',
  source: 'contract introspection §2.8, §13 D2',
  access: 'admin',
  components: 'any',
  params,
  consumes: ['application/json'],
  refusals: [409, 413],
  status: 202,
  response: z.object({}),
});
const disk = z.object({
  name: text,
  size_bytes: z.number().nullable(),
  rotational: z.boolean().nullable(),
  model: text,
  serial: text,
  wwn: text,
});
const card = z.object({ name: z.string(), mac: z.string(), ip: text, pxe: z.boolean() });
export const showSummary = contract({
  method: 'get',
  path: '/v1/introspection/:node/summary',
  summary: 'What a node is made of, in one shape',
  description: 'From the processed data of its last run: for who takes the machine as a host.',
  source: 'ours',
  access: 'admin',
  components: 'any',
  params,
  status: 200,
  response: z
    .object({
      uuid: z.string(),
      name: text,
      state: z.string(),
      finished_at: text,
      cpus: z.number().nullable(),
      cpu_arch: text,
      memory_mb: z.number().nullable(),
      local_gb: z.number().nullable(),
      root_disk: disk.nullable(),
      disks: z.array(disk),
      interfaces: z.array(card),
      addresses: z.array(z.string()),
      bmc_address: text,
      bmc_v6address: text,
      boot_mode: text,
      vendor: z.object({ manufacturer: text, product_name: text, serial_number: text }),
    })
    .meta({ id: 'NodeSummary' }),
});
export const showLogs = contract({
  method: 'get',
  path: '/v1/introspection/:node/logs',
  summary: 'The newest logs of a ramdisk that are kept of a node',
  description: 'An archive in the form of `tar.gz`. 404 where the installation keeps none, or there is none.',
  source: 'contract introspection §12.2',
  access: 'admin',
  components: 'any',
  params,
  status: 200,
  produces: ['application/gzip'],
});
export const continueInspection = contract({
  method: 'post',
  path: '/baremetal/v1/continue_inspection',
  summary: 'What a machine found out about itself, as the successor of the inspector takes it',
  description:
    'A machine that nobody waits for, of whatever reason, is told 404 and no more. `node_uuid` names the node.',
  source: 'contract introspection §12.1',
  access: 'public',
  consumes: ['application/json'],
  refusals: [403, 404, 409, 413, 429],
  status: 202,
});
