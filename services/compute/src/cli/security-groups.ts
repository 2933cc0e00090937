import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import type { ComputeRequest } from '../ctx.js';
import { ruleInput } from '../networking/api/bodies.js';
import { groupView } from '../networking/api/views.js';
import {
  addRule,
  changeGroup,
  createGroup,
  getGroup,
  listGroups,
  removeGroup,
  removeRule,
  type ShownGroup,
} from '../networking/domain/security-groups.js';
import type { MakeAction } from './action.js';
import { securityGroupNamed } from './names.js';
import { addThing } from './things.js';
import { bodyOf } from './values.js';

const at = compute.staffNetworking.securityGroups;
interface Options {
  name?: string;
  description?: string;
  client?: string;
  region?: string;
  direction?: string;
  protocol?: string;
  ports?: string;
  ipv6?: boolean;
  cidr?: string;
  fromGroup?: string;
}
/** `22` or `8000-8099`; what is no such thing the schema refuses. */
const portsOf = (text: string | undefined): { port_range_min?: string; port_range_max?: string } => {
  const [first = '', last = first] = text?.split('-', 2) ?? [];
  return text === undefined ? {} : { port_range_min: first, port_range_max: last };
};
const allow = async (ctx: ComputeRequest, id: string, o: Options): Promise<ShownGroup> => {
  const body = bodyOf(at.addRule.body, {
    ...portsOf(o.ports),
    direction: o.direction,
    ethertype: o.ipv6 ? 'IPv6' : 'IPv4',
    protocol: o.protocol,
    remote_ip_prefix: o.cidr,
    remote_group_id: o.fromGroup && (await securityGroupNamed(ctx, o.fromGroup)),
  });
  await addRule(ctx, id, ruleInput(body));
  return getGroup(ctx, id);
};
export const addSecurityGroupCommands = (root: Command, action: MakeAction): void => {
  const { command, onOne, shown } = addThing<ShownGroup, Options>(root, action, {
    name: 'securitygroup',
    what: 'security groups: what ports let through,',
    known: 'name or id',
    list: listGroups,
    get: getGroup,
    remove: removeGroup,
    find: securityGroupNamed,
    view: groupView,
    columns: ['id', 'name', 'description', 'is_default', 'status', 'client', 'region'],
  });
  command
    .command('add')
    .argument('<name>')
    .requiredOption('--client <id>')
    .requiredOption('--region <region>')
    .option('--description <text>')
    .action(
      action(async (ctx: ComputeRequest, name: string, o: Options) => {
        const body = bodyOf(at.create.body, { ...o, name });
        return shown(await createGroup(ctx, body, { client: body.client }), ctx);
      }),
    );
  onOne('set', 'another name or description', (ctx, id, o) => changeGroup(ctx, id, bodyOf(at.patch.body, { ...o })))
    .option('--name <name>')
    .option('--description <text>');
  onOne('allow', 'adds a rule: what it names is let through', allow)
    .option('--direction <ingress|egress>', 'into instances, or out of them', 'ingress')
    .option('--protocol <protocol>', 'such as tcp, udp, icmp; any, when nothing is said')
    .option('--ports <port or range>', 'such as 22 or 8000-8099; for ICMP type-code')
    .option('--ipv6', 'of IPv6; else of IPv4')
    .option('--cidr <network>', 'from or to these addresses; else all')
    .option('--from-group <group>', 'name or id: from or to ports of this group');
  command
    .command('disallow')
    .description('takes a rule away')
    .argument('<securitygroup>', 'name or id')
    .argument('<rule>', 'its id, as `show` tells it')
    .action(
      action(async (ctx: ComputeRequest, word: string, rule: string) => {
        const id = await securityGroupNamed(ctx, word);
        if (!(await getGroup(ctx, id)).rules.some((one) => one.id === rule))
          throw new Error(`the security group ${word} has no rule ${rule}: see \`securitygroup show ${word}\``);
        await removeRule(ctx, id, rule);
        return shown(await getGroup(ctx, id), ctx);
      }),
    );
};
