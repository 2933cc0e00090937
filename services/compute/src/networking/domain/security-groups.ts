import { randomUUID } from 'node:crypto';
import { compute } from '@nefos/contracts';
import { invalid, notFound, violates, type Issue, type Tx } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { refusal, refusedValue, unknownKey } from '../../refusals.js';
import { withoutUndefined } from '../../without-undefined.js';
import * as store from '../store/security-groups.js';
import type { SecurityGroup, SecurityGroupRule, ShownGroup } from '../store/security-groups.js';
import { demandKind } from './capabilities.js';
import { defaultGroup, firstRules } from './default-group.js';
import { demandFree, demandId, demandOwn, demandRegion, projectFor, scopeOf, type For } from './owned.js';
import { touch, touchGone } from './touch.js';

export type { SecurityGroupRule, ShownGroup } from '../store/security-groups.js';
export type RuleInput = Omit<SecurityGroupRule, 'id' | 'securityGroupId' | 'createdAt'>;

export const listGroups = (ctx: ComputeRequest, query: Query, acting?: string): Promise<Page<ShownGroup>> =>
  store.listGroups(dbOf(ctx), query, { clientIds: scopeOf(ctx, query, acting) });
/** @throws Fault not_found */
export const getGroup = async (ctx: ComputeRequest, id: string): Promise<ShownGroup> =>
  demandOwn(ctx, await store.findGroup(dbOf(ctx), demandId(id)));
/**
 * A new group lets everything out and nothing in. The project's default group is made with its first one.
 * @throws Fault invalid, not_found, forbidden/client.suspended, forbidden/create.quota, conflict/action.unsupported
 */
export const createGroup = async (
  ctx: ComputeRequest,
  { region: regionId, name, description }: { region: string; name: string; description: string },
  whose: For,
): Promise<ShownGroup> => {
  const id = randomUUID();
  await dbOf(ctx).transaction(async (tx) => {
    const { projectId } = await projectFor(ctx, tx, whose);
    await demandRegion(ctx, tx, regionId);
    demandKind(ctx, regionId, 'security_group');
    await defaultGroup(ctx, tx, { projectId, regionId });
    const rules = firstRules(id, { fromItself: false });
    await reserveQuota(tx, projectId, { security_group: 1, security_group_rule: rules.length });
    await store.insertGroup(tx, { id, projectId, regionId, name, description });
    await store.insertRules(tx, rules);
    await touch(ctx, tx, 'security_group', { id, regionId }, 'created');
  });
  return getGroup(ctx, id);
};
/** The group, locked, if it may be changed. @throws Fault not_found, forbidden/client.suspended */
const lockOwn = async (
  ctx: ComputeRequest,
  tx: Tx,
  id: string,
  { change }: { change: boolean },
): Promise<SecurityGroup> => {
  const { clientId } = demandOwn(ctx, await store.findGroup(tx, demandId(id)));
  if (change) await demandFree(ctx, tx, clientId);
  const group = await store.lockGroup(tx, id);
  if (!group) throw notFound();
  return group;
};
/** @throws Fault not_found, forbidden/client.suspended, conflict/group.default */
export const changeGroup = async (
  ctx: ComputeRequest,
  id: string,
  changes: { name?: string | undefined; description?: string | undefined },
): Promise<ShownGroup> => {
  await dbOf(ctx).transaction(async (tx) => {
    const group = await lockOwn(ctx, tx, id, { change: true });
    const given = withoutUndefined(changes);
    if (group.isDefault && given.name !== undefined && given.name !== group.name)
      throw refusal('conflict', 'group.default');
    if (Object.keys(given).length) await store.updateGroup(tx, id, given);
    await touch(ctx, tx, 'security_group', group);
  });
  return getGroup(ctx, id);
};
/** @throws Fault not_found, conflict/group.default, conflict/group.in_use */
export const removeGroup = async (ctx: ComputeRequest, id: string): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    const group = await lockOwn(ctx, tx, id, { change: false });
    if (group.isDefault) throw refusal('conflict', 'group.default');
    const user = await store.findGroupUser(tx, id);
    if (user)
      throw refusal('conflict', 'group.in_use', { users: user === 'ports' ? 'ports' : 'rules of other groups' });
    await touchGone(tx, 'security_group', group);
    await store.deleteGroup(tx, id);
  });

const ICMP = new Set(['icmp', 'icmpv6', 'ipv6-icmp', '1', '58']);
const WITH_PORTS = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite', '6', '17', '33', '132', '136']);
/** Further ones that have a name at Neutron. */
const NAMED = new Set([
  ...['ah', 'egp', 'esp', 'gre', 'igmp', 'ipip', 'ospf', 'pgm', 'rsvp', 'vrrp'],
  ...['ipv6-encap', 'ipv6-frag', 'ipv6-nonxt', 'ipv6-opts', 'ipv6-route'],
]);
const isProtocol = (word: string): boolean =>
  ICMP.has(word) || WITH_PORTS.has(word) || NAMED.has(word) || (/^\d{1,3}$/.test(word) && Number(word) <= 255);
/** What does not fit together in a rule, every fault by its field. */
const issuesOf = ({ protocol, portMin, portMax, remotePrefix, remoteGroupId, ethertype }: RuleInput): Issue[] => {
  const issues: Issue[] = [];
  if (protocol !== null && !isProtocol(protocol)) issues.push(refusedValue(['protocol'], 'rule.protocol'));
  if (protocol !== null && ICMP.has(protocol)) {
    if ((portMin ?? 0) > 255 || (portMax ?? 0) > 255 || (portMin === null && portMax !== null))
      issues.push(refusedValue(['port_range_min'], 'rule.icmp'));
  } else if (portMin !== null || portMax !== null) {
    const fits = protocol !== null && WITH_PORTS.has(protocol);
    if (!fits || portMin === null || portMax === null || portMin > portMax || portMin < 1)
      issues.push(refusedValue(['port_range_min'], 'rule.ports'));
  }
  if (remotePrefix !== null && remoteGroupId !== null) issues.push(refusedValue(['remote_group_id'], 'rule.remote'));
  if (remotePrefix !== null && compute.parseCidr(remotePrefix)?.version !== (ethertype === 'IPv4' ? 4 : 6))
    issues.push(refusedValue(['remote_ip_prefix'], 'rule.version'));
  return issues;
};
/** @throws Fault not_found, invalid, forbidden/client.suspended, forbidden/create.quota, conflict/group.rule_exists */
export const addRule = async (ctx: ComputeRequest, id: string, given: RuleInput): Promise<SecurityGroupRule> =>
  dbOf(ctx).transaction(async (tx) => {
    const group = await lockOwn(ctx, tx, id, { change: true });
    const input = { ...given, protocol: given.protocol === null ? null : given.protocol.toLowerCase() };
    const issues = issuesOf(input);
    const { remoteGroupId } = input;
    if (remoteGroupId !== null && !(await store.shareLockGroups(tx, [remoteGroupId], group)).length)
      issues.push(unknownKey(['remote_group_id'], remoteGroupId));
    if (issues.length) throw invalid(issues);
    await reserveQuota(tx, group.projectId, { security_group_rule: 1 });
    const rule = { ...input, id: randomUUID(), securityGroupId: id };
    await store.insertRules(tx, [rule]).catch((err: unknown) => {
      throw violates(err, 'security_group_rule_security_group_id_direction_key')
        ? refusal('conflict', 'group.rule_exists')
        : err;
    });
    await touch(ctx, tx, 'security_group', group);
    return (await store.findRule(tx, rule.id)) as SecurityGroupRule;
  });
/** @throws Fault not_found */
export const removeRule = async (ctx: ComputeRequest, id: string, ruleId: string): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    const group = await lockOwn(ctx, tx, id, { change: false });
    const rule = UUID.test(ruleId) ? await store.findRule(tx, ruleId) : undefined;
    if (rule?.securityGroupId !== id) throw notFound();
    await store.deleteRule(tx, ruleId);
    await touch(ctx, tx, 'security_group', group);
  });
