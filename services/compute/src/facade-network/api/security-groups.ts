import { facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import { faceFault, named } from '../../facade/api/refused.js';
import { regionOfZone } from '../../facade/domain/regions.js';
import { addRule, changeGroup, createGroup, removeGroup, removeRule } from '../../networking/domain/security-groups.js';
import { getResource, groupStore, labelled, ruleStore } from '../domain/resources.js';
import { readAttributes } from './attributes.js';
import {
  commonView,
  demandId,
  noSuch,
  description,
  id,
  name,
  projectFields,
  whoseOf,
  type Labelled,
} from './common.js';
import type { Resource } from './resource.js';

interface RulePart {
  id: string;
  securityGroupId: string;
  direction: string;
  ethertype: string;
  protocol: string | null;
  portMin: number | null;
  portMax: number | null;
  remotePrefix: string | null;
  remoteGroupId: string | null;
  createdAt: string;
}
interface GroupRow extends Labelled {
  name: string;
  rules: RulePart[] | null;
}
type RuleRow = Labelled & Omit<RulePart, 'createdAt'>;
const ruleView = (row: RulePart & Partial<Labelled>, of: Pick<Labelled, 'projectId'>) => ({
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
  ...commonView({
    id: row.id,
    projectId: of.projectId,
    description: row.description ?? '',
    tags: row.tags ?? [],
    revision: row.revision ?? 0,
    createdAt: row.createdAt,
    updatedAt: row.createdAt,
  }),
});
const stateful = z.union([z.literal(true), z.literal('true'), z.literal('True')]).optional();
const createGroupBody = z.strictObject({ name, description: description.optional(), stateful, ...projectFields });
const updateGroupBody = z.strictObject({ name: name.optional(), description: description.optional(), stateful });

export const groupResource: Resource<GroupRow> = {
  contracts: facadeNetwork.securityGroups,
  singular: 'security_group',
  plural: 'security_groups',
  absent: { type: 'SecurityGroupNotFound', message: (one) => `Security group ${one} does not exist` },
  store: groupStore,
  view: (_ctx, row) => ({
    id: row.id,
    name: row.name,
    stateful: true,
    shared: false,
    security_group_rules: (row.rules ?? []).map((one) => ruleView(one, row)),
    ...commonView(row),
  }),
  create: async (ctx, given) => {
    const b = readAttributes(createGroupBody, given);
    const region = await regionOfZone(ctx, null);
    return labelled(
      ctx,
      {},
      async (joint) =>
        (await createGroup(joint, { region, name: b.name, description: b.description ?? '' }, whoseOf(joint, b))).id,
    );
  },
  update: async (ctx, one, given) => {
    const b = readAttributes(updateGroupBody, given);
    await labelled(ctx, {}, async (joint) => {
      await changeGroup(joint, one, { name: b.name, description: b.description });
      return one;
    });
  },
  remove: (ctx, one) => removeGroup(ctx, one),
};

const ethertype = z
  .string()
  .max(4)
  .transform((text) => text.toLowerCase())
  .pipe(z.enum(['ipv4', 'ipv6']))
  .transform((text) => (text === 'ipv4' ? ('IPv4' as const) : ('IPv6' as const)));
const portNumber = z.union([z.int().min(0).max(65_535), z.string().regex(/^\d{1,5}$/)]).nullish();
const createRuleBody = z.strictObject({
  security_group_id: id,
  direction: z.enum(['ingress', 'egress']),
  ethertype: ethertype.optional(),
  protocol: z.union([z.string().max(40), z.int().min(0).max(255)]).nullish(),
  port_range_min: portNumber,
  port_range_max: portNumber,
  remote_ip_prefix: z.string().max(64).nullish(),
  remote_group_id: id.nullish(),
  remote_address_group_id: z.null().optional(),
  description: description.optional(),
  ...projectFields,
});
const numberOf = (given: number | string | null | undefined): number | null =>
  given === null || given === undefined ? null : Number(given);
/** A single address is a range of one. */
const prefixOf = (given: string | null | undefined): string | null => {
  if (given === null || given === undefined || given === '') return null;
  const whole = given.includes('/') ? given : `${given}/${given.includes(':') ? 128 : 32}`;
  if (!z.union([z.cidrv4(), z.cidrv6()]).safeParse(whole).success)
    throw faceFault(
      'invalid',
      `Invalid input for remote_ip_prefix. Reason: '${given}' is not a valid IP subnet.`,
      'HTTPBadRequest',
    );
  return whole;
};

export const ruleResource: Resource<RuleRow & RulePart> = {
  contracts: facadeNetwork.securityGroupRules,
  singular: 'security_group_rule',
  plural: 'security_group_rules',
  absent: { type: 'SecurityGroupRuleNotFound', message: (one) => `Security group rule ${one} does not exist` },
  store: ruleStore,
  view: (_ctx, row) => ruleView(row, row),
  create: async (ctx, given) => {
    const b = readAttributes(createRuleBody, given);
    const group = b.security_group_id;
    demandId('group', group);
    if (b.remote_group_id) demandId('group', b.remote_group_id);
    const remotePrefix = prefixOf(b.remote_ip_prefix);
    const protocol = b.protocol === null || b.protocol === undefined || b.protocol === '' ? null : String(b.protocol);
    return labelled(ctx, { description: b.description }, async (joint) => {
      // Whose it is, is what the domain asks; a group of another project looks absent.
      await named(
        () => getResource(joint, groupStore, group),
        noSuch('group', group).params.message as string,
        'SecurityGroupNotFound',
      );
      const rule = await addRule(joint, group, {
        direction: b.direction,
        ethertype: b.ethertype ?? (remotePrefix?.includes(':') ? 'IPv6' : 'IPv4'),
        protocol: protocol?.toLowerCase() === 'any' ? null : protocol,
        portMin: numberOf(b.port_range_min),
        portMax: numberOf(b.port_range_max),
        remotePrefix,
        remoteGroupId: b.remote_group_id ?? null,
      });
      return rule.id;
    });
  },
  update: async (ctx, one, given) => {
    const { description: text } = readAttributes(z.strictObject({ description }), given);
    await labelled(ctx, { description: text }, () => Promise.resolve(one));
  },
  remove: (ctx, one, row) => removeRule(ctx, row.securityGroupId, one),
};
