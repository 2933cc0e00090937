import type { Endpoint } from '@nefos/service-kit';
import { billingEndpoints, invoicingEndpoints } from './billing/api/billing.js';
import { catalogEndpoints } from './catalog/api/catalog.js';
import { hypervisorEndpoints } from './catalog/api/hypervisors.js';
import { resellerEndpoints } from './catalog/api/resellers.js';
import { regionDriverEndpoints } from './catalog/api/region-drivers.js';
import { catalogWriteEndpoints } from './catalog/api/writes.js';
import { imageEndpoints } from './catalog/api/images.js';
import { clientEndpoints } from './clients/api/clients.js';
import { clientGroupEndpoints } from './clients/api/groups.js';
import { serviceEndpoints } from './clients/api/services.js';
import { consoleEndpoints } from './consoles/api/consoles.js';
import type { ComputeCtx } from './ctx.js';
import { eventEndpoints } from './events/api/events.js';
import { webhookEndpoints } from './events/api/webhooks.js';
import { importEndpoints } from './instances/api/imports.js';
import { instanceEndpoints } from './instances/api/instances.js';
import { networkingEndpoints } from './networking/api/networking.js';
import { networkEndpoints } from './networking/api/networks.js';
import { operationEndpoints } from './operations/api/operations.js';
import { projectEndpoints } from './projects/api/projects.js';
import { backupScheduleEndpoints } from './schedules/api/backup-schedules.js';
import { scheduleEndpoints } from './schedules/api/power-schedules.js';
import { sessionEndpoints } from './users/api/sessions.js';
import { sshKeyEndpoints } from './users/api/ssh-keys.js';
import { volumeEndpoints } from './volumes/api/volumes.js';
import { userEndpoints } from './users/api/users.js';

/** Everything this service answers, in the order in which paths are matched. */
export const endpoints: readonly Endpoint<ComputeCtx>[] = [
  // Names under `/staffapi/clients` that would else be read as ids of clients.
  ...invoicingEndpoints,
  ...clientEndpoints,
  ...billingEndpoints,
  ...serviceEndpoints,
  ...clientGroupEndpoints,
  ...userEndpoints,
  ...sessionEndpoints,
  ...sshKeyEndpoints,
  // `auto-create` comes before what would take it for the id of a network.
  ...networkEndpoints,
  ...catalogEndpoints,
  ...regionDriverEndpoints,
  ...catalogWriteEndpoints,
  ...networkingEndpoints,
  ...imageEndpoints,
  ...hypervisorEndpoints,
  ...resellerEndpoints,
  ...projectEndpoints,
  // `importable` comes before what would take it for the id of an instance.
  ...importEndpoints,
  ...instanceEndpoints,
  ...volumeEndpoints,
  ...consoleEndpoints,
  ...scheduleEndpoints,
  ...backupScheduleEndpoints,
  ...eventEndpoints,
  ...webhookEndpoints,
  ...operationEndpoints,
];
