import type { StoredRef } from '../driver-volumes.js';
import { DriverError, type GuestSpec, type ImageSpec, type InstanceSpec, type Ref } from '../driver.js';
import { encodedGuestData } from './guest-data.js';
import { hasCode, unknownTo } from './openstack-errors.js';
import type { Projects } from './openstack-projects.js';
import { tagOf, type Server, type Servers } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

/** Nova's bound of user data, in base64. */
const LONGEST_USER_DATA = 65_535;

export const imageRefOf = (image: Pick<ImageSpec, 'backendId'> | null | undefined): string => {
  if (!image?.backendId) throw unknownTo('image');
  return image.backendId;
};
export const flavorRefOf = ({ backendId }: { backendId?: string | null }): string => {
  if (!backendId) throw unknownTo('flavor');
  return backendId;
};
/** User data, and the password for hypervisors that can set one. @throws DriverError INVALID_REQUEST */
export const guestFields = (guest: GuestSpec = {}): { user_data?: string; adminPass?: string } => {
  const data = encodedGuestData(guest, LONGEST_USER_DATA);
  if (data !== undefined && data.length > LONGEST_USER_DATA)
    throw new DriverError('INVALID_REQUEST', 'The user data is too long for the cloud.');
  return {
    ...(data !== undefined && { user_data: data }),
    ...(guest.rootPassword !== undefined && { adminPass: guest.rootPassword }),
  };
};

/** How a call asks for a key pair. */
export interface KeyPair {
  /** The same for every repetition, so that none is left when the process dies. */
  name: string;
  /** Undefined: none is needed. */
  key: string | undefined;
}
const keyPairs = '/os-keypairs';
export const dropKeyPair = async ({ call }: Session, name: string): Promise<void> => {
  const path = `${keyPairs}/${encodeURIComponent(name)}`;
  await call({ service: 'compute', method: 'DELETE', path }).catch(() => undefined);
};
/** @returns its name; undefined: Nova does not take such a key */
const makeKeyPair = async ({ call }: Session, name: string, key: string): Promise<string | undefined> => {
  const body = { keypair: { name, public_key: key.trim(), type: 'ssh' } };
  try {
    await call({ service: 'compute', method: 'POST', path: keyPairs, body });
    return name;
  } catch (err) {
    // Of an attempt before.
    if (hasCode(err, 'CONFLICT')) return name;
    // Cloud-init gets all keys, also those of a kind that Nova does not know.
    if (hasCode(err, 'INVALID_REQUEST')) return undefined;
    // So many are there for a moment only.
    if (hasCode(err, 'QUOTA'))
      throw new DriverError('RATE_LIMITED', 'The cloud takes no more key pairs for now.', { cause: err });
    throw err;
  }
};
/**
 * Guests without cloud-init know one key only, which has to be a key pair of the user who creates the server. Nova
 * copies it into the server: it is there as long as the call takes.
 */
export const withKeyPair = async <T>(
  session: Session,
  { name, key }: KeyPair,
  work: (keyName: string | undefined) => Promise<T>,
): Promise<T> => {
  if (key === undefined) return work(undefined);
  const keyName = await makeKeyPair(session, name, key);
  try {
    return await work(keyName);
  } catch (err) {
    // Another process that does the same has deleted it meanwhile.
    if (hasCode(err, 'INVALID_REQUEST') && /key_?name/i.test((err as Error).message))
      throw new DriverError('CONFLICT', 'The key pair of the machine is gone.', { cause: err });
    throw err;
  } finally {
    if (keyName !== undefined) await dropKeyPair(session, name);
  }
};

/** The root disk, and the volumes that the machine has from the beginning. */
const disksOf = async (
  image: ImageSpec | null | undefined,
  volumes: NonNullable<InstanceSpec['volumes']>,
  volumeId: (volume: StoredRef) => Promise<string>,
): Promise<object> => {
  const fromVolume = volumes.some(({ boot }) => boot);
  const imageRef = fromVolume ? {} : { imageRef: imageRefOf(image) };
  if (!volumes.length) return imageRef;
  const local = { source_type: 'image', destination_type: 'local', boot_index: 0, delete_on_termination: true };
  const disks: object[] = fromVolume ? [] : [{ ...local, uuid: imageRefOf(image) }];
  for (const { volume, boot, device } of volumes)
    disks.push({
      uuid: await volumeId(volume),
      source_type: 'volume',
      destination_type: 'volume',
      boot_index: boot ? 0 : -1,
      delete_on_termination: false,
      ...(device !== null && { device_name: device }),
    });
  return { ...imageRef, block_device_mapping_v2: disks };
};

/**
 * Creates a server once for each instance. What was created before is found by its tag, also when its answer was lost;
 * calls at the same time are one; of what two processes make at once, the first stays and all others go.
 */
export const createCreator = (
  session: Session,
  servers: Servers,
  projects: Projects,
  {
    networksOf,
    remove,
    volumeId,
  }: {
    /** The cloud's own id. @throws DriverError */
    volumeId: (volume: StoredRef) => Promise<string>;
    networksOf: (machine: string, projectId: string, nics: InstanceSpec['nics']) => Promise<readonly object[]>;
    remove: (one: Server) => Promise<void>;
  },
) => {
  const running = new Map<string, Promise<Ref>>();
  /** All agree on the order, so that no two processes keep different ones. */
  const keepFirst = async (portalId: string, [first, ...surplus]: readonly Server[]): Promise<Ref | undefined> => {
    for (const one of surplus) await remove(one);
    return first && { portalId, backendId: first.id };
  };
  const post = async (spec: InstanceSpec, project: string | null): Promise<string> => {
    const { portalId, name, flavor, image, nics, guest } = spec;
    const server = {
      name,
      flavorRef: flavorRefOf(flavor),
      ...(await disksOf(image, spec.volumes ?? [], volumeId)),
      networks: nics.length ? await networksOf(portalId, spec.projectId, nics) : 'none',
      tags: [tagOf(portalId)],
      metadata: { nefos_instance: portalId, nefos_project: spec.projectId },
      ...guestFields(guest),
    };
    const key = guest?.sshKeys?.[0];
    return withKeyPair(session, { name: tagOf(portalId), key }, async (keyName) => {
      const body = { server: { ...server, ...(keyName !== undefined && { key_name: keyName }) } };
      const made = await session.call<{ server: { id: string } }>({
        service: 'compute',
        method: 'POST',
        path: '/servers',
        body,
        project,
      });
      return made.body.server.id;
    });
  };
  const create = async (spec: InstanceSpec): Promise<Ref> => {
    const { portalId, projectId } = spec;
    const before = await keepFirst(portalId, await servers.tagged(portalId));
    if (before) {
      // The process may have died before it was deleted.
      if (spec.guest?.sshKeys?.length) await dropKeyPair(session, tagOf(portalId));
      return before;
    }
    const project = await projects.of(projectId);
    let made: string;
    try {
      made = await post(spec, project);
    } catch (err) {
      // The project may be gone that is remembered.
      if (hasCode(err, 'AUTH')) projects.forget(projectId);
      throw err;
    }
    return (await keepFirst(portalId, await servers.tagged(portalId))) ?? { portalId, backendId: made };
  };
  return (spec: InstanceSpec): Promise<Ref> => {
    const { portalId } = spec;
    const one = running.get(portalId) ?? create(spec).finally(() => running.delete(portalId));
    running.set(portalId, one);
    return one;
  };
};
