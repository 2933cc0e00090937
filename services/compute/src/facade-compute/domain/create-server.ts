import { randomBytes, randomUUID } from 'node:crypto';
import { Fault } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { demandUuid } from '../../facade/domain/known-id.js';
import { inOne } from '../../facade/domain/in-one.js';
import { clientOf, scopeOf } from '../../facade/domain/scope.js';
import { createInstance, type CreateInput } from '../../instances/domain/create.js';
import { UUID } from '../../lists/uuid.js';
import { insertRecord } from '../store/records.js';
import { networksToUse, regionOfFlavor } from '../store/servers.js';
import { groupsInRegion } from '../../facade/domain/region-groups.js';
import { inNovaWords, type DomainWords } from './domain-words.js';

/** A server as Nova's clients ask for it. */
export interface ServerInput {
  name: string;
  flavor: string;
  boot: CreateInput['boot'];
  disks: NonNullable<CreateInput['disks']>;
  /** `auto`: one network of the project; `none`: no interface. */
  networks: 'auto' | 'none' | CreateInput['nics'];
  securityGroups: readonly string[];
  zone: string | null;
  description: string | null;
  tags: readonly string[];
  keyName: string | null;
  userData: string | null;
  /** null: one is made, where the region can give it to the guest. */
  adminPass: string | null;
  metadata: Record<string, string>;
  hostname: string | null;
  configDrive: boolean;
  accessIpv4: string;
  accessIpv6: string;
  /** How many, with numbered names. */
  count: number;
}
export interface MadeServers {
  ids: string[];
  reservationId: string;
  adminPass: string | null;
  /** Where they are made. */
  region: string;
}

const refused = (kind: 'invalid' | 'conflict', message: string): Fault =>
  new Fault(kind, 'facade.refused', { message });

/** What Nova says of the source of a disk that is not there, or another project's. */
const notFound = (kind: string, id: string): string => `Block Device Mapping is Invalid: failed to get ${kind} ${id}.`;
const noBoot = ({ sourceType, sourceId }: CreateInput['boot']): string =>
  sourceType === 'volume' || sourceType === 'volumesnapshot'
    ? notFound(sourceType === 'volume' ? 'volume' : 'snapshot', sourceId)
    : 'Invalid imageRef provided.';
/** @throws Fault invalid */
const demandSources = ({ boot, disks }: ServerInput): void => {
  demandUuid(boot.sourceId, noBoot(boot));
  for (const { volume, source } of disks)
    for (const [kind, id] of Object.entries({ volume, ...source }))
      if (typeof id === 'string') demandUuid(id, notFound(kind, id));
};
/** Where a disk of the portal's create stands in the request, and what Nova says of it. */
const wordsOfDisks = ({ boot }: ServerInput): DomainWords => [
  ['boot_source', 'pk', ({ path, values }) => (path[1] === 'volume_type' ? noType(values?.pk) : noBoot(boot))],
  [
    'disks',
    'pk',
    ({ path, values }) =>
      path[2] === 'volume_type' ? noType(values?.pk) : notFound(String(path[2]), String(values?.pk)),
  ],
];
const noType = (name: unknown): string => `Volume type ${String(name)} could not be found.`;

/** The zone is the region of the flavor: a flavor belongs to one region. @throws Fault invalid */
const regionFor = async (ctx: ComputeRequest, { flavor, zone }: ServerInput): Promise<string> => {
  const region = UUID.test(flavor) ? await regionOfFlavor(dbOf(ctx), flavor) : undefined;
  if (region === undefined) throw refused('invalid', 'Invalid flavorRef provided.');
  // `nova` is what clients send who know no other zone.
  if (zone !== null && zone !== region && zone !== 'nova')
    throw refused('invalid', 'The requested availability zone is not available');
  return region;
};
/** @throws Fault conflict: several would do */
const nicsFor = async (ctx: ComputeRequest, networks: ServerInput['networks'], region: string) => {
  if (networks === 'none') return [];
  if (networks !== 'auto') {
    for (const { network, port } of networks) {
      if (network !== null) demandUuid(network, `Network ${network} could not be found.`);
      if (port !== null) demandUuid(port, `Port ${port} could not be found.`);
    }
    return networks;
  }
  const usable = await networksToUse(dbOf(ctx), region, scopeOf(ctx).projectId);
  if (usable.length > 1)
    throw refused('conflict', 'Multiple possible networks found, use a Network ID to be more specific.');
  return usable.map((network) => ({ network, port: null, fixedIp: null }));
};

/** What each server takes the same of. */
const OF_SERVERS = new Set(['instances', 'cores', 'ram']);
/** Servers that are asked for together are refused with the sums of all of them, without those that were not kept. */
const ofAll = (err: unknown, made: number, count: number): unknown => {
  if (!(err instanceof Fault) || err.code !== 'create.quota' || !OF_SERVERS.has(String(err.params.resource)))
    return err;
  const [requested, used] = [Number(err.params.requested), Number(err.params.used)];
  return new Fault(err.kind, err.code, { ...err.params, requested: requested * count, used: used - requested * made });
};
/**
 * Accepts new servers through the portal's create: all of them, or none.
 * @throws Fault as `createInstance`
 */
export const createServers = (ctx: ComputeRequest, input: ServerInput): Promise<MadeServers> =>
  inNovaWords(() => create(ctx, input), wordsOfDisks(input));

const create = async (ctx: ComputeRequest, input: ServerInput): Promise<MadeServers> => {
  const client = clientOf(ctx);
  const { staff, uuid } = callerOf(ctx);
  const region = await regionFor(ctx, input);
  demandSources(input);
  const fields = ctx.drivers.of(region).capabilities.createFields;
  const adminPass = input.adminPass ?? (fields?.has('root_password') ? randomBytes(12).toString('base64url') : null);
  const asked: Omit<CreateInput, 'securityGroups'> = {
    region,
    name: input.name,
    flavor: input.flavor,
    nics: await nicsFor(ctx, input.networks, region),
    shareImage: false,
    force: false,
    description: input.description,
    tags: input.tags,
    deleteProtection: false,
    guest: {
      sshKeys: input.keyName === null ? null : [input.keyName],
      rootPassword: adminPass,
      userData: input.userData,
    },
    boot: input.boot,
    disks: input.disks,
  };
  const reservationId = `r-${randomUUID().replaceAll('-', '').slice(0, 8)}`;
  const ids = await inOne(ctx, async (joint) => {
    const made: string[] = [];
    const whose = staff ? { client } : { acting: String(client) };
    const place = { regionId: region, projectId: scopeOf(ctx).projectId, whose };
    const securityGroups = await groupsInRegion(joint, input.securityGroups, place);
    for (let i = 1; i <= input.count; i += 1) {
      const name = input.count === 1 ? input.name : `${input.name.slice(0, 250)}-${i}`;
      const { id } = await createInstance(joint, { ...asked, securityGroups, name }, whose).catch((err: unknown) => {
        throw ofAll(err, made.length, input.count);
      });
      await dbOf(joint).transaction((tx) =>
        insertRecord(tx, {
          instanceId: id,
          userId: uuid,
          metadata: input.metadata,
          keyName: input.keyName,
          hostname: input.hostname,
          configDrive: input.configDrive,
          accessIpv4: input.accessIpv4,
          accessIpv6: input.accessIpv6,
          reservationId,
        }),
      );
      made.push(id);
    }
    return made;
  });
  return { ids, reservationId, adminPass, region };
};
