import { DriverError } from '../driver.js';
import type { SecurityGroupSpec, SecurityRuleSpec } from '../driver-networks.js';
import { hasCode } from './openstack-errors.js';
import type { Neutron, Thing } from './openstack-neutron.js';
import { tagOf } from './openstack-servers.js';

/** Neutron has a group of this name in every project, and lets nobody make another. */
const nameOf = (name: string): string => (name.toLowerCase() === 'default' ? 'default (Nefos)' : name);

/** Security groups with exactly the rules that they are to have. A rule never changes. */
export const createSecurityGroups = (neutron: Neutron) => {
  const rulesOf = (group: string): Promise<Thing[]> =>
    neutron.all<Thing>('/security-group-rules', 'security_group_rules', { security_group_id: group });
  const addRule = async (spec: SecurityGroupSpec, group: string, rule: SecurityRuleSpec): Promise<void> => {
    const { remoteGroup } = rule;
    const other =
      remoteGroup &&
      (remoteGroup.portalId === spec.portalId ? group : await neutron.idOf('security_group', remoteGroup));
    try {
      await neutron.call('POST', '/security-group-rules', {
        security_group_rule: {
          security_group_id: group,
          direction: rule.direction,
          ethertype: rule.ethertype,
          protocol: rule.protocol,
          port_range_min: rule.portMin,
          port_range_max: rule.portMax,
          remote_ip_prefix: rule.remotePrefix,
          remote_group_id: other,
          description: tagOf(rule.portalId),
        },
      });
    } catch (err) {
      // One that says the same is there: of another process, or under another id.
      if (!hasCode(err, 'CONFLICT')) throw err;
    }
  };
  return {
    ensure: async (spec: SecurityGroupSpec, project: object): Promise<string> => {
      const name = nameOf(spec.name);
      const { id } = await neutron.ensure(
        'security_group',
        spec,
        () => Promise.resolve({ ...project, name }),
        (found) => (found.name === name ? {} : { name }),
      );
      const found = await rulesOf(id);
      const wanted = new Set(spec.rules.map((rule) => tagOf(rule.portalId)));
      for (const rule of found)
        if (!wanted.has(rule.description ?? ''))
          try {
            await neutron.call('DELETE', `/security-group-rules/${rule.id}`);
          } catch (err) {
            if (!hasCode(err, 'NOT_FOUND')) throw err;
          }
      for (const rule of spec.rules)
        if (!found.some(({ description }) => description === tagOf(rule.portalId))) await addRule(spec, id, rule);
      return id;
    },
    /**
     * The cloud's ids of groups that are named by its own ids or the portal's.
     * @throws DriverError CONFLICT: one is not there yet
     */
    idsOf: async (names: readonly string[]): Promise<string[]> => {
      const ids: string[] = [];
      for (const name of names) {
        const marked = (await neutron.marked('security_group', name))[0]?.id;
        if (marked === undefined && !(await neutron.exists('security_group', name)))
          throw new DriverError('CONFLICT', 'A security group is not there yet.');
        ids.push(marked ?? name);
      }
      return ids;
    },
  };
};
