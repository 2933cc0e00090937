import { DriverError, type GuestSpec, type ImageSpec, type InstanceSpec, type NicSpec, type Ref } from '../driver.js';
import { encodedGuestData } from './guest-data.js';
import { hasCode } from './openstack-errors.js';
import type { Projects } from './openstack-projects.js';
import { tagOf, type Server, type Servers } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

/** Nova's bound of user data, in base64. */
const LONGEST_USER_DATA = 65_535;
const unknownTo = (what: string): DriverError =>
  new DriverError('INVALID_REQUEST', `The cloud does not know the ${what}: \`nefos region sync\` brings what it has.`);

export const imageRefOf = (image: Pick<ImageSpec, 'backendId'> | null | undefined): string => {
  if (!image?.backendId) throw unknownTo('image');
  return image.backendId;
};
export const flavorRefOf = ({ backendId }: { backendId?: string | null }): string => {
  if (!backendId) throw unknownTo('flavor');
  return backendId;
};
const networkOf = ({ networkBackendId }: NicSpec): { uuid: string } => {
  if (!networkBackendId) throw unknownTo('network');
  return { uuid: networkBackendId };
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

/**
 * Guests without cloud-init know one key only, which has to be a key pair of the user who creates the server. Nova
 * copies it into the server: it is there as long as the call takes.
 */
export const withKeyPair = async <T>(
  { call }: Session,
  { name, key, project }: { name: string; key: string | undefined; project: string | null },
  work: (keyName: string | undefined) => Promise<T>,
): Promise<T> => {
  if (key === undefined) return work(undefined);
  const keypair = { name, public_key: key.trim(), type: 'ssh' };
  await call({ service: 'compute', method: 'POST', path: '/os-keypairs', body: { keypair }, project }).catch(
    (err: unknown) => {
      // Of an attempt before.
      if (!hasCode(err, 'CONFLICT')) throw err;
    },
  );
  try {
    return await work(name);
  } finally {
    await call({
      service: 'compute',
      method: 'DELETE',
      path: `/os-keypairs/${encodeURIComponent(name)}`,
      project,
    }).catch(() => undefined);
  }
};

/**
 * Creates a server once for each instance. What was created before is found by its tag, also when its answer was lost;
 * calls at the same time are one; of what two processes make at once, the first stays and all others go.
 */
export const createCreator = (
  session: Session,
  servers: Servers,
  projects: Projects,
  remove: (one: Server) => Promise<void>,
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
      imageRef: imageRefOf(image),
      networks: nics.length ? nics.map(networkOf) : 'none',
      tags: [tagOf(portalId)],
      metadata: { nefos_instance: portalId, nefos_project: spec.projectId },
      ...guestFields(guest),
    };
    const key = guest?.sshKeys?.[0];
    return withKeyPair(session, { name: tagOf(portalId), key, project }, async (keyName) => {
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
    if (before) return before;
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
