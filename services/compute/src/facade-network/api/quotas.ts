import { facadeNetwork } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { z } from 'zod';
import type { ComputeCtx } from '../../ctx.js';
import { defaultQuotas, quotasOf, setQuotas } from '../../facade/domain/quotas.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { projectOnWire } from '../../facade/project-ids.js';
import { DEFAULT_LIMITS, type Quota, type Quotas } from '../../projects/quota-resources.js';
import { listLimits } from '../domain/limits.js';
import { inNeutronWords } from '../domain/neutron-words.js';
import { bad, readAttributes, unwrap } from './attributes.js';
import { flag, text, whole } from './values.js';

const endpoint = endpointFor<ComputeCtx>();

/** Neutron's names of quotas are the portal's. */
const NAMES = ['network', 'subnet', 'port', 'router', 'floatingip', 'security_group', 'security_group_rule'] as const;
/** What there is none of has no limit. */
const OTHERS = ['rbac_policy', 'subnetpool'];
const limits = (of: (name: (typeof NAMES)[number]) => number) => ({
  ...Object.fromEntries(NAMES.map((name) => [name, of(name)])),
  ...Object.fromEntries(OTHERS.map((name) => [name, -1])),
});
const quotaView = (q: Quotas) => ({ quota: limits((name) => q[name].limit) });
const details = (q: Quotas) => {
  const shown = ({ limit, inUse, reserved }: Quota) => ({ limit, used: inUse, reserved });
  return {
    quota: {
      ...Object.fromEntries(NAMES.map((name) => [name, shown(q[name])])),
      ...Object.fromEntries(OTHERS.map((name) => [name, { limit: -1, used: 0, reserved: 0 }])),
    },
  };
};
const limit = whole(-1, 2_147_483_647).optional();
const body = z.strictObject({
  ...(Object.fromEntries(NAMES.map((name) => [name, limit])) as Record<(typeof NAMES)[number], typeof limit>),
  force: flag.optional(),
  check_limit: flag.optional(),
  tenant_id: text(255).optional(),
  project_id: text(255).optional(),
});

/** Quotas of projects: what the portal's are. */
export const quotaEndpoints = [
  endpoint(facadeNetwork.listQuotas, async (ctx) => {
    demandAdmin(ctx);
    const quotas = (await listLimits(ctx)).map(({ projectId, limits: own }) => ({
      ...limits((name) => own[name] ?? DEFAULT_LIMITS[name]),
      project_id: projectOnWire(projectId),
      tenant_id: projectOnWire(projectId),
    }));
    return { quotas };
  }),
  endpoint(facadeNetwork.showQuota, async (ctx, { params: { project } }) => quotaView(await quotasOf(ctx, project))),
  endpoint(facadeNetwork.showDefaultQuota, async (ctx, { params: { project } }) => {
    await quotasOf(ctx, project);
    return quotaView(defaultQuotas());
  }),
  endpoint(facadeNetwork.showQuotaDetails, async (ctx, { params: { project } }) =>
    details(await quotasOf(ctx, project)),
  ),
  endpoint(facadeNetwork.showQuotaDetailsPlain, async (ctx, { params: { project } }) =>
    details(await quotasOf(ctx, project)),
  ),
  endpoint(facadeNetwork.updateQuota, async (ctx, { params: { project }, body: sent }) => {
    demandAdmin(ctx);
    const given = unwrap(sent, { singular: 'quota', plural: 'quotas' });
    if (!('one' in given)) throw bad("Unable to find 'quota' in request body");
    const b = readAttributes(body, given.one, { put: true });
    const changes = Object.fromEntries(NAMES.flatMap((name) => (b[name] === undefined ? [] : [[name, b[name]]])));
    // Neutron takes a limit below what is used, unless it is told to check.
    const force = b.check_limit !== true || b.force === true;
    return quotaView(await inNeutronWords(() => setQuotas(ctx, project, changes, force), { given: given.one }));
  }),
  endpoint(facadeNetwork.deleteQuota, async (ctx, { params: { project } }) => {
    await setQuotas(ctx, project, Object.fromEntries(NAMES.map((name) => [name, null])), true);
  }),
];
