import { facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import { named } from '../../facade/api/refused.js';
import { addRule, removeRule } from '../../networking/domain/security-groups.js';
import { changeLabels, getResource, groupStore, labelled, ruleStore } from '../domain/resources.js';
import { inNeutronWords } from '../domain/neutron-words.js';
import { readAttributes } from './attributes.js';
import { commonView, demandProject, description, id, projectFields, type Labelled } from './common.js';
import type { Resource } from './resource.js';
import { nothing, oneOf, prefixOrNone, text, whole } from './values.js';

/** A rule as it is listed in its group. */
export interface RulePart {
  id: string;
  securityGroupId: string;
  direction: string;
  ethertype: string;
  protocol: string | null;
  portMin: number | null;
  portMax: number | null;
  remotePrefix: string | null;
  remoteGroupId: string | null;
  description: string;
  tags: string[];
  revision: number;
  createdAt: string;
  updatedAt: string;
}
type Row = Labelled & RulePart;
export const ruleView = (row: RulePart, { projectId }: Pick<Labelled, 'projectId'>) => ({
  id: row.id,
  security_group_id: row.securityGroupId,
  direction: row.direction,
  ethertype: row.ethertype,
  protocol: row.protocol,
  port_range_min: row.portMin,
  port_range_max: row.portMax,
  remote_ip_prefix: row.remotePrefix,
  remote_group_id: row.remoteGroupId,
  remote_address_group_id: null,
  normalized_cidr: row.remotePrefix,
  ...commonView({ ...row, projectId }),
});
const portNumber = whole(0, 65_535).nullish();
const create = z.strictObject({
  security_group_id: id,
  direction: oneOf(['ingress', 'egress']),
  ethertype: oneOf(['IPv4', 'IPv6', 'ipv4', 'ipv6']).nullish(),
  protocol: z.union([text(40), whole(0, 255)]).nullish(),
  port_range_min: portNumber,
  port_range_max: portNumber,
  remote_ip_prefix: prefixOrNone.nullish(),
  remote_group_id: id.nullish(),
  remote_address_group_id: nothing('there are no address groups').optional(),
  description: description.optional(),
  ...projectFields,
});
const update = z.strictObject({ description: description.optional() });
const FIRST = Object.keys(create.shape).filter((one) => one !== 'description');
const protocolOf = (given: string | number | null | undefined): string | null => {
  const word = given === null || given === undefined ? '' : String(given).toLowerCase();
  return word === '' || word === 'any' ? null : word;
};
type Body = z.infer<typeof create>;
const inputOf = (b: Body) => ({
  direction: b.direction,
  ethertype: (b.ethertype ?? (b.remote_ip_prefix?.includes(':') ? 'ipv6' : 'ipv4')).toLowerCase().endsWith('6')
    ? ('IPv6' as const)
    : ('IPv4' as const),
  protocol: protocolOf(b.protocol),
  portMin: b.port_range_min ?? null,
  portMax: b.port_range_max ?? null,
  remotePrefix: b.remote_ip_prefix ?? null,
  remoteGroupId: b.remote_group_id ?? null,
});

export const ruleResource: Resource<Row> = {
  contracts: facadeNetwork.securityGroupRules,
  singular: 'security_group_rule',
  plural: 'security_group_rules',
  absent: { type: 'SecurityGroupRuleNotFound', message: (one) => `Security group rule ${one} does not exist` },
  store: ruleStore,
  view: (_ctx, row) => ruleView(row, row),
  create: async (ctx, given) => {
    const b = readAttributes(create, given);
    const input = inputOf(b);
    const group = b.security_group_id;
    return labelled(ctx, { description: b.description }, async (joint) => {
      // A group of another project looks absent.
      const { projectId } = await named(
        () => getResource<{ projectId: string }>(joint, groupStore, group),
        `Security group ${group} does not exist`,
        'SecurityGroupNotFound',
      );
      demandProject(joint, b, projectId);
      return (await inNeutronWords(() => addRule(joint, group, input), { given })).id;
    });
  },
  update: async (ctx, one, given) => {
    const { description: words } = readAttributes(update, given, { put: true, first: FIRST });
    await changeLabels(ctx, ruleStore, one, () => ({ description: words }));
  },
  remove: (ctx, one, row) => removeRule(ctx, row.securityGroupId, one),
};
