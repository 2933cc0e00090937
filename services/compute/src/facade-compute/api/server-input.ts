import type { facadeCompute } from '@nefos/contracts';
import type { z } from 'zod';
import type { ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { isTrue } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import type { ServerInput } from '../domain/create-server.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { demandFieldsOf, type Spans } from './newer-fields.js';
import { serverDisks } from './server-disks.js';

type Body = z.infer<typeof facadeCompute.serverCreate>;

const networksOf = (ctx: ComputeRequest, { networks }: Body): ServerInput['networks'] => {
  if (typeof networks === 'string') {
    if (!since(ctx, 37))
      throw faceFault('invalid', `Invalid input for field/attribute networks. Value: ${networks}. It is not an array`);
    return networks;
  }
  if (!networks) {
    if (since(ctx, 37))
      throw faceFault('invalid', "Invalid input for field/attribute server. 'networks' is a required property");
    return 'auto';
  }
  if (!networks.length) return 'auto';
  return networks.map(({ uuid, port, fixed_ip: fixedIp, ...more }) => {
    demandFieldsOf(ctx, more, { tag: since(ctx, 37) ? 42 : 32 });
    if (more.tag !== undefined) throw faceFault('invalid', 'Tags of interfaces are not supported.');
    if (!uuid && !port) throw faceFault('invalid', 'Bad networks format: network uuid is not in proper format ()');
    return { network: port ? null : (uuid ?? null), port: port ?? null, fixedIp: port ? null : (fixedIp ?? null) };
  });
};
const countOf = ({ min_count: least, max_count: most }: Body): number => {
  const [low, high] = [Number(least ?? 1), Number(most ?? least ?? 1)];
  if (low > high) throw faceFault('invalid', 'min_count must be <= max_count');
  return high;
};

const NEWER: Spans = {
  description: 19,
  tags: 52,
  trusted_image_certificates: 63,
  host: 74,
  hypervisor_hostname: 74,
  hostname: 90,
  personality: [[1, 57]],
};
const OF_NETWORKS: Spans = { tag: [[32, 37], [42]] };
const demandFields = (ctx: ComputeRequest, body: Body): void => {
  demandFieldsOf(ctx, body, NEWER);
  if (Array.isArray(body.networks)) for (const one of body.networks) demandFieldsOf(ctx, one, OF_NETWORKS, 'networks');
};
/** What Nova has and Nefos has not. @throws Fault invalid */
export const refuseUnserved = (body: Pick<Body, 'personality' | 'trusted_image_certificates'>): void => {
  if (body.personality?.length)
    throw faceFault('invalid', 'Personality files are not supported: give the guest user_data.');
  if (body.trusted_image_certificates)
    throw faceFault('invalid', 'Certificates of images are not checked in this cloud.');
};
/** Hints by which Nova places a server next to others, or apart from them. */
const PLACING = ['different_host', 'same_host', 'build_near_host_ip', 'cidr', 'query', 'different_cell', 'target_cell'];
/**
 * Who asks for a place would believe to have it; hints that nobody knows are passed over, as Nova does.
 * @throws Fault invalid
 */
export const refuseHints = (hints: Readonly<Record<string, unknown>> = {}): void => {
  const { group } = hints;
  if (group !== undefined) {
    const word = typeof group === 'string' ? group : JSON.stringify(group);
    throw faceFault('invalid', `Instance group ${word.slice(0, 100)} could not be found.`);
  }
  const hint = PLACING.find((name) => hints[name] !== undefined);
  if (hint !== undefined)
    throw faceFault('invalid', `Invalid input for field/attribute ${hint}. A region places servers by itself.`);
};
/** A server gets its host from the region. @throws Fault forbidden, invalid */
const refuseHost = (ctx: ComputeRequest, { host, hypervisor_hostname: hypervisor }: Body): void => {
  if (host === undefined && hypervisor === undefined) return;
  demandAdmin(ctx);
  throw faceFault('invalid', "A new server is not put on a host of one's choice: migrate it when it is there.");
};

/** What a body asks for. @throws Fault invalid */
export const serverInput = (ctx: ComputeRequest, body: Body): ServerInput => {
  demandFields(ctx, body);
  refuseUnserved(body);
  refuseHost(ctx, body);
  const count = countOf(body);
  return {
    name: body.name,
    flavor: String(body.flavorRef),
    ...serverDisks(ctx, body, count),
    networks: networksOf(ctx, body),
    securityGroups: (body.security_groups ?? []).flatMap(({ name }) => name ?? []),
    zone: body.availability_zone ?? null,
    description: body.description ?? null,
    tags: body.tags ?? [],
    keyName: body.key_name ?? null,
    userData: body.user_data ?? null,
    adminPass: body.adminPass ?? null,
    metadata: body.metadata ?? {},
    hostname: body.hostname ?? null,
    configDrive: isTrue(body.config_drive),
    accessIpv4: body.accessIPv4 ?? '',
    accessIpv6: body.accessIPv6 ?? '',
    count,
  };
};
/** Whether the answer names the reservation instead of the server. */
export const wantsReservation = (body: Body): boolean => isTrue(body.return_reservation_id);
