import type { Project } from '../domain/projects.js';
import { QUOTA_RESOURCES, type Quotas } from '../quota-resources.js';

/** Projects and quotas as contract compute §8.1 shows them. */
export const projectView = (p: Project) => ({
  id: p.id,
  name: p.name,
  region_ids: p.regionIds,
  service: { id: p.serviceId, status: p.serviceStatus },
  client: { id: p.clientId, name: p.clientName },
  disabled: p.disabled,
});
export const quotasView = (quotas: Quotas) => {
  const view = (one: (typeof QUOTA_RESOURCES)[number]) => {
    const { limit, inUse, reserved } = quotas[one];
    return { limit, in_use: inUse, reserved };
  };
  return Object.fromEntries(QUOTA_RESOURCES.map((one) => [one, view(one)])) as Record<
    (typeof QUOTA_RESOURCES)[number],
    ReturnType<typeof view>
  >;
};
