import { projectOnWire } from '../../facade/project-ids.js';
import type { GroupOfServer, IngressRule } from '../domain/server-parts.js';

const anywhere = ({ ethertype }: IngressRule): string => (ethertype === 'IPv6' ? '::/0' : '0.0.0.0/0');
/** -1 is any port, or any type of ICMP; a rule for every protocol has none. */
const portOf = (rule: IngressRule, port: number | null): number | null => port ?? (rule.protocol === null ? null : -1);
/** Where traffic comes from is a range or a group. */
const ruleView = (rule: IngressRule, group: string) => ({
  id: rule.id,
  parent_group_id: group,
  ip_protocol: rule.protocol,
  from_port: portOf(rule, rule.portMin),
  to_port: portOf(rule, rule.portMax),
  ip_range: rule.remoteGroup ? {} : { cidr: rule.remotePrefix ?? anywhere(rule) },
  group: rule.remoteGroup ? { name: rule.remoteGroup.name, tenant_id: projectOnWire(rule.remoteGroup.projectId) } : {},
});
/** A security group of a server as Nova shows it: with what it lets in. */
export const groupView = ({ id, name, description, projectId, rules }: GroupOfServer) => ({
  id,
  name,
  description,
  tenant_id: projectOnWire(projectId),
  rules: rules.map((one) => ruleView(one, id)),
});
