import { facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import { changeGroup, createGroup, removeGroup } from '../../networking/domain/security-groups.js';
import { faceFault } from '../../facade/api/refused.js';
import { groupStore, labelled } from '../domain/resources.js';
import { readAttributes } from './attributes.js';
import {
  commonView,
  description,
  name,
  projectFields,
  regionFor,
  whoseOf,
  zoneHints,
  type Labelled,
} from './common.js';
import type { Resource } from './resource.js';
import { ruleView, type RulePart } from './security-group-rules.js';
import { always } from './values.js';

interface Row extends Labelled {
  name: string;
  isDefault: boolean;
  regionId: string;
  rules: RulePart[] | null;
}
const stateful = always(true, 'groups know the connections that they let through').optional();
const create = z.strictObject({
  name,
  description: description.optional(),
  stateful,
  ...projectFields,
  availability_zone_hints: zoneHints,
});
// Neutron has no zones of groups; here a group is one region's, and a client may say and see which.
const FIRST = ['tenant_id', 'project_id', 'security_group_rules', 'availability_zone_hints'];
const update = z.strictObject({ name: name.optional(), description: description.optional(), stateful });

export const groupResource: Resource<Row> = {
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
    availability_zone_hints: [row.regionId],
    security_group_rules: (row.rules ?? []).map((one) => ruleView(one, row)),
    ...commonView(row),
  }),
  create: async (ctx, given) => {
    const b = readAttributes(create, given);
    if (b.name.toLowerCase() === 'default')
      throw faceFault('conflict', 'Default security group already exists.', 'SecurityGroupDefaultAlreadyExists');
    const region = await regionFor(ctx, b.availability_zone_hints);
    return labelled(ctx, {}, async (joint) => {
      const input = { region, name: b.name, description: b.description ?? '' };
      return (await createGroup(joint, input, await whoseOf(joint, b))).id;
    });
  },
  update: async (ctx, one, given, row) => {
    const b = readAttributes(update, given, { put: true, first: FIRST });
    if (row.isDefault && b.name !== undefined && b.name !== row.name)
      throw faceFault('conflict', 'Updating default security group not allowed.', 'SecurityGroupCannotUpdateDefault');
    await labelled(ctx, {}, async (joint) => {
      await changeGroup(joint, one, { name: b.name, description: b.description });
      return one;
    });
  },
  remove: (ctx, one) => removeGroup(ctx, one),
};
