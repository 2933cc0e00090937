import { dropTrailing } from '@nefos/contracts';
import { peers, readConfig } from '@nefos/service-kit';
import { z } from 'zod';

const zone = z.string().refine((name) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}, 'is no time zone');
const flag = z
  .enum(['on', 'off', 'true', 'false', '1', '0'])
  .transform((value) => value === 'on' || value === 'true' || value === '1');

/** Settings of this service beside the shared ones. */
const portalSettings = {
  NEFOS_COMPUTE_PORT: z.coerce.number().int().min(0).max(65535).default(8082).describe('port to listen on'),
  NEFOS_COMPUTE_DATABASE_URL: z
    .url({ protocol: /^postgres(ql)?$/ })
    .describe('database of this service: PostgreSQL >= 15'),
  NEFOS_COMPUTE_TOKEN: z.string().min(24).describe('component token by which the other services know this one'),
  NEFOS_METERING_URL: z
    .url({ protocol: /^https?$/ })
    .default('http://127.0.0.1:8083')
    .transform((u) => dropTrailing(u, '/'))
    .describe('where metering answers, from inside: usage events go there'),
  NEFOS_COMPUTE_TIME_ZONE: zone
    .default('Europe/Bucharest')
    .describe("zone of the timestamps that clients see; the default is that of the seed's examples"),
  NEFOS_COMPUTE_WORKER: flag
    .default(true)
    .describe('`off`: API only, no jobs, reconcilers or relay of events in this process'),
  NEFOS_COMPUTE_AUTH_FAILURES: z.coerce
    .number()
    .int()
    .min(1)
    .default(120)
    .describe('refused credentials of one address in a minute; then it gets 429'),
};
/** Settings of events. */
const eventSettings = {
  NEFOS_COMPUTE_EVENT_MINUTES: z.coerce
    .number()
    .int()
    .min(60)
    .max(10_080)
    .default(120)
    .describe('minutes for which events are kept, for readers that come again with `Last-Event-ID`'),
  NEFOS_COMPUTE_WEBHOOK_NETWORKS: peers('').describe(
    'networks that webhooks may be sent to though they are not public. Addresses or CIDR ranges, comma-separated',
  ),
  NEFOS_COMPUTE_STREAMS: z.coerce
    .number()
    .int()
    .min(1)
    .default(6000)
    .describe('open streams of events of a process; one more gets 503'),
  NEFOS_COMPUTE_STREAMS_PER_USER: z.coerce
    .number()
    .int()
    .min(1)
    .default(20)
    .describe('open streams of events of one user in a process; one more gets 429'),
};
/** Settings of consoles. */
const consoleSettings = {
  NEFOS_COMPUTE_CONSOLE_SECONDS: z.coerce
    .number()
    .int()
    .min(10)
    .max(86_400)
    .default(600)
    .describe('seconds for which the address of a console opens it; one that is open goes on'),
  NEFOS_COMPUTE_CONSOLES: z.coerce
    .number()
    .int()
    .min(1)
    .default(500)
    .describe('open consoles of a process; one more gets 503'),
  NEFOS_COMPUTE_CONSOLES_PER_INSTANCE: z.coerce
    .number()
    .int()
    .min(1)
    .default(10)
    .describe('open consoles of one instance in a process; one more gets 429'),
  NEFOS_COMPUTE_CONSOLES_PER_USER: z.coerce
    .number()
    .int()
    .min(1)
    .default(20)
    .describe('open consoles of one user in a process; one more gets 429'),
};
/** Settings of the drivers and of instances' life. */
const cloudSettings = {
  NEFOS_COMPUTE_SIM_LATENCY_MS: z
    .string()
    .regex(/^\d{1,6}(-\d{1,6})?$/, 'is no range of milliseconds')
    .default('50-500')
    .transform((value) => {
      const [min = 0, max = min] = value.split('-').map(Number);
      return { min, max: Math.max(min, max) };
    })
    .describe('milliseconds that a simulated change takes: a range or one number'),
  NEFOS_COMPUTE_SIM_HOSTS: z
    .string()
    .default('compute.fleio.org,compute-2.fleio.org,compute-3.fleio.org')
    .transform((value) =>
      value
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean),
    )
    .describe('simulated hosts, comma-separated; the region is put before each name'),
  NEFOS_COMPUTE_SIM_HOST_MEMORY_MB: z.coerce
    .number()
    .int()
    .min(1)
    .default(4 * 1024 * 1024)
    .describe('memory of each simulated host, in MiB'),
  NEFOS_COMPUTE_TRAFFIC_SECONDS: z.coerce
    .number()
    .int()
    .min(10)
    .max(86_400)
    .default(300)
    .describe('seconds between two readings of what a running machine has carried'),
  NEFOS_COMPUTE_SHUTDOWN_SECONDS: z.coerce
    .number()
    .int()
    .min(0)
    .max(3600)
    .default(60)
    .describe('seconds that a guest gets to shut down before it is switched off'),
};

const directories = z
  .string()
  .default('')
  .transform((value) =>
    value
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  );
/** Settings of machines on this host. */
const machineSettings = {
  NEFOS_COMPUTE_QEMU_DIR: z
    .string()
    .min(1)
    .default('.nefos/qemu')
    .describe(
      'directory with the machines of regions whose driver is qemu; every process of compute needs the same one. ' +
        '`npm start` has it in its state directory',
    ),
  NEFOS_COMPUTE_QEMU_ROOTS: directories.describe(
    'more directories in which the machines of such a region may be, by its setting `directory`. Absolute paths, ' +
      'comma-separated',
  ),
};

const GIB = 1024 ** 3;
/** Settings of images' data. */
const imageSettings = {
  NEFOS_COMPUTE_IMAGE_DIR: z
    .string()
    .min(1)
    .default('.nefos/images')
    .describe(
      'directory with the data of images; every process of compute needs the same one. `npm start` has it in its ' +
        'state directory',
    ),
  NEFOS_COMPUTE_IMAGE_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(64 * GIB)
    .describe('bytes of one image, uploaded or imported; more is refused (413)'),
  NEFOS_COMPUTE_IMAGE_PROJECT_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(256 * GIB)
    .describe('bytes of all images of a project together'),
  NEFOS_COMPUTE_IMPORT_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .max(86_400)
    .default(3600)
    .describe('seconds that one attempt to fetch an image from an address may take'),
  NEFOS_COMPUTE_IMPORT_NETWORKS: peers('').describe(
    'networks that images may be imported from though they are not public. Addresses or CIDR ranges, comma-separated',
  ),
};

export const shape = {
  ...portalSettings,
  ...eventSettings,
  ...consoleSettings,
  ...cloudSettings,
  ...machineSettings,
  ...imageSettings,
};
export const readComputeConfig = (env?: NodeJS.ProcessEnv) => readConfig('compute', shape, env);
export type ComputeConfig = ReturnType<typeof readComputeConfig>;
