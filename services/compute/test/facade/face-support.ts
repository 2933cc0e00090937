import { randomUUID } from 'node:crypto';
import type { Principal } from '@nefos/contracts';
import { sql } from '@nefos/service-kit';
import request, { type Test } from 'supertest';
import { projectOnWire } from '../../src/facade/project-ids.js';
import type { Service } from '../support.js';

/** Calls of OpenStack's face with one token; headers, such as a microversion, come from `set`. */
export interface FaceAs {
  readonly token: string | undefined;
  get(path: string, version?: string): Test;
  head(path: string, version?: string): Test;
  post(path: string, body?: unknown, version?: string): Test;
  put(path: string, body?: unknown, version?: string): Test;
  patch(path: string, body?: unknown, version?: string): Test;
  delete(path: string, version?: string): Test;
}
export interface FaceCallers {
  nobody: FaceAs;
  garbage: FaceAs;
  /** The end user of `ownClient`, with a token for that client's project. */
  user: FaceAs;
  /** The same, with a token that may only read. */
  reader: FaceAs;
  /** The end user of `otherClient`, in that client's project. */
  stranger: FaceAs;
  /** Staff, in a project of its own at identity: `admin`. */
  staff: FaceAs;
  /** Staff, in the project of `ownClient`: its member. */
  staffInside: FaceAs;
  /** The end user, with a token without a project. */
  unscoped: FaceAs;
  /** The end user, in a project that is no client's. */
  homeless: FaceAs;
  component: FaceAs;
  /** Projects as tokens show them. */
  project: string;
  otherProject: string;
  /** Calls of any token. */
  as(token?: string): FaceAs;
  /** A token of a portal user for a project. */
  tokenFor(uuid: string, projectId: string | undefined, more?: Partial<Principal>): string;
  /** The project of a client, as tokens show it. */
  projectOf(clientId: number): Promise<string>;
}

/** Whom the matrices of authorisation ask, from nobody to staff. */
export const FACE_CALLERS = [
  ...(['nobody', 'garbage', 'unscoped', 'component', 'reader'] as const),
  ...(['homeless', 'stranger', 'user', 'staff'] as const),
] as const;
export type FaceCaller = (typeof FACE_CALLERS)[number];

/** Roles as identity gives them: staff here are its administrators, in their own project. */
const MEMBER = ['reader', 'member'];
const ADMIN = [...MEMBER, 'manager', 'admin'];

/** Sets a microversion: `compute 2.53`, `volume 3.59`. */
const withVersion = (test: Test, version: string | undefined): Test =>
  version === undefined ? test : test.set('OpenStack-API-Version', version);

/** Callers of OpenStack's face, for a test file that uses `useService`. */
export const useFaces = (service: Service): FaceCallers => {
  const callers = {} as FaceCallers;
  beforeAll(async () => {
    const as = (token?: string): FaceAs => {
      const call = (method: 'get' | 'head' | 'post' | 'put' | 'patch' | 'delete', path: string): Test => {
        const one = request(service.app)[method](path);
        return token === undefined ? one : one.set('X-Auth-Token', token);
      };
      const withBody =
        (method: 'post' | 'put' | 'patch') =>
        (path: string, body?: unknown, version?: string): Test => {
          const one = withVersion(call(method, path), version);
          return body === undefined ? one : one.send(body as object);
        };
      return {
        token,
        get: (path, version) => withVersion(call('get', path), version),
        head: (path, version) => withVersion(call('head', path), version),
        delete: (path, version) => withVersion(call('delete', path), version),
        post: withBody('post'),
        put: withBody('put'),
        patch: withBody('patch'),
      };
    };
    const uuidOf = (token: string): string => (service.identity.tokens.get(token) as Principal).uuid;
    const [user, stranger, staff] = [
      uuidOf(service.tokens.user),
      uuidOf(service.tokens.stranger),
      uuidOf(service.tokens.staff),
    ];
    const tokenFor: FaceCallers['tokenFor'] = (uuid, projectId, more) => {
      const token = randomUUID().replaceAll('-', '');
      service.identity.tokens.set(token, {
        kind: 'user',
        uuid,
        displayName: uuid,
        roles: uuid === staff && projectId === staff ? ADMIN : MEMBER,
        auditId: randomUUID(),
        via: 'x-auth-token',
        ...(projectId !== undefined && { project: { id: projectId, name: 'project' } }),
        ...more,
      });
      return token;
    };
    const projectOf = async (clientId: number): Promise<string> => {
      const [row] = await sql<{ id: string }>(
        service.db,
        'select p.id from project p join service s on s.id = p.service_id where s.client_id = $1',
        [clientId],
      );
      if (!row) throw new Error(`client ${clientId} has no project`);
      return projectOnWire(row.id);
    };
    const project = await projectOf(service.ownClient);
    const otherProject = await projectOf(service.otherClient);
    Object.assign(callers, {
      nobody: as(),
      garbage: as('0123456789abcdef0123456789abcdef'),
      user: as(tokenFor(user, project)),
      reader: as(tokenFor(user, project, { readOnly: true })),
      stranger: as(tokenFor(stranger, otherProject)),
      staff: as(tokenFor(staff, staff)),
      staffInside: as(tokenFor(staff, project)),
      unscoped: as(tokenFor(user, undefined)),
      homeless: as(tokenFor(user, user)),
      component: as(service.tokens.component),
      project,
      otherProject,
      as,
      tokenFor,
      projectOf,
    } satisfies FaceCallers);
  });
  return callers;
};
