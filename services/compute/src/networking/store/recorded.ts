import { run, type Tx } from '@nefos/service-kit';
import { recordingOf } from '../../events/recording.js';
import { PLAIN_FAULT } from '../tables.js';
import { OWNER } from './owned.js';
import { ADDRESSES, GROUPS, STATUS } from './ports.js';
import type { Kind } from './syncs.js';

// What events say of things of the network (contract compute §10.1): fields of the object, by the names of the API.

/** How events know a kind of things. */
interface Thing {
  object: string;
  /** SQL of `x` with its client. Of a thing without one, such as the provider's networks, only staff hear. */
  select: string;
  from: string;
  /** SQL of pairs for jsonb_build_object. */
  data: string;
}
const COMMON = `'region', region_id, 'name', name, 'status', status`;
const owned = (kind: Kind): Pick<Thing, 'select' | 'from'> => ({
  select: 'x.*, s.client_id',
  from: `${kind} x ${OWNER}`,
});
const THINGS: Record<Kind, Thing> = {
  network: { ...owned('network'), object: 'network', data: `${COMMON}, 'admin_state_up', admin_state_up` },
  subnet: {
    object: 'subnet',
    select: 'x.*, n.region_id, s.client_id, null::jsonb fault',
    from: `subnet x join network n on n.id = x.network_id
      left join project j on j.id = n.project_id left join service s on s.id = j.service_id`,
    data: `'region', region_id, 'name', name, 'network_id', network_id, 'cidr', text(cidr),
      'gateway_ip', host(gateway_ip)`,
  },
  router: {
    ...owned('router'),
    object: 'router',
    data: `${COMMON}, 'external_gateway_info', case when external_network_id is not null then
        jsonb_build_object('network_id', external_network_id) end,
      'subnets', array(select i.subnet_id from router_interface i where i.router_id = changed.id order by i.subnet_id)`,
  },
  security_group: { ...owned('security_group'), object: 'securitygroup', data: COMMON },
  floating_ip: {
    ...owned('floating_ip'),
    object: 'floatingip',
    data: `'region', region_id, 'status', status, 'floating_network_id', network_id,
      'floating_ip_address', host(address), 'port_id', port_id, 'fixed_ip_address', host(fixed_address)`,
  },
  port: {
    object: 'port',
    select: `x.*, s.client_id, ${STATUS} shown, ${ADDRESSES}, ${GROUPS}`,
    from: `port x left join instance i on i.id = x.instance_id ${OWNER}`,
    data: `'region', region_id, 'name', name, 'status', shown, 'network_id', network_id, 'mac_address', mac_address,
      'device_id', coalesce(instance_id::text, ''), 'security_groups', "securityGroups",
      'fixed_ips', (select coalesce(jsonb_agg(jsonb_build_object('ip_address', a ->> 'address',
        'subnet_id', a ->> 'subnetId') order by nth), '[]')
        from jsonb_array_elements(addresses) with ordinality e(a, nth))`,
  },
};
export type Happened = 'created' | 'state' | 'deleted';
const statement = (kind: Kind, happened: Happened, where: string): string => {
  const { object, select, from, data } = THINGS[kind];
  return recordingOf(`select ${select} from ${from} where ${where}`, {
    type: `'${object}.${happened}'`,
    object,
    data: `jsonb_build_object(${data}, 'fault', case when fault is not null then
      jsonb_build_object('code', fault ->> 'code', 'message', '${PLAIN_FAULT}') end)`,
    staffData: `jsonb_build_object('fault', fault)`,
  });
};
/** Records an event of a thing as it is now in this transaction; of one that is deleted before its row goes. */
export const recordThing = async (tx: Tx, kind: Kind, id: string, happened: Happened): Promise<void> => {
  await run(tx, statement(kind, happened, 'x.id = $1'), [id]);
};
/** The same of all that a condition on `x` fits. */
export const recordThings = async (
  tx: Tx,
  kind: Kind,
  happened: Happened,
  { where, values }: { where: string; values: readonly unknown[] },
): Promise<void> => {
  await run(tx, statement(kind, happened, where), values);
};
