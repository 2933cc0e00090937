import { isObject, objectOf, textOf, type JsonObject } from '../../values.js';
import { BmcError } from '../domain/driver.js';
import { faultOf } from './faults.js';
import type { RedfishOptions } from './options.js';
import { pathOn, type Wire, type WireAnswer, type WireRequest } from './wire.js';

/** A resource as it was read, and by which tag it may be changed. */
export interface Resource {
  path: string;
  body: JsonObject;
  etag: string | undefined;
}
/** Speaks to one BMC as one user. Calls throw BmcError. */
export interface Session {
  read(path: string): Promise<Resource>;
  post(path: string, body: unknown): Promise<WireAnswer>;
  patch(resource: Resource, body: unknown): Promise<WireAnswer>;
  /** The path of a reference of the BMC's; undefined when it is none. */
  follow(reference: unknown): string | undefined;
  close(): Promise<void>;
}
type Credentials = { kind: 'none' } | { kind: 'basic' } | { kind: 'token'; token: string; session: string | undefined };

const isGood = ({ status }: WireAnswer): boolean => status >= 200 && status < 300;
const idOf = (value: unknown): string | undefined => (isObject(value) ? textOf(value['@odata.id']) : undefined);

/** Logs in when it first asks; ends its session in the end, for BMCs have few. */
export const openSession = (wire: Wire, options: RedfishOptions): Session => {
  const { origin, root, username, password, authentication } = options;
  const basic = `Basic ${Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64')}`;
  let credentials: Credentials | undefined;

  const headersOf = (known: Credentials): Record<string, string> =>
    known.kind === 'token' ? { 'X-Auth-Token': known.token } : known.kind === 'basic' ? { Authorization: basic } : {};
  const withoutSession = (answer: WireAnswer): Credentials => {
    // What the BMC says about a log-in may repeat what was sent: it is not passed on.
    // Who asks for Basic here has it everywhere, and no sessions.
    const wantsBasic = /^basic\b/i.test(answer.header('www-authenticate') ?? '');
    if (answer.status === 401 && (authentication === 'session' || !wantsBasic))
      throw new BmcError('credentials', 'The BMC does not accept redfish_username and redfish_password.');
    if (authentication === 'session')
      throw new BmcError('unsupported', `The BMC answered ${answer.status} to a new session.`);
    return { kind: 'basic' };
  };
  const logIn = async (): Promise<Credentials> => {
    if (username === undefined || password === undefined) return { kind: 'none' };
    if (authentication === 'basic') return { kind: 'basic' };
    const service = await wire({ method: 'GET', path: root });
    const links = isObject(service.body) ? objectOf(service.body.Links) : {};
    const path = pathOn(origin, idOf(links.Sessions) ?? `${root}SessionService/Sessions`);
    const answer = await wire({ method: 'POST', path, body: { UserName: username, Password: password } });
    const token = answer.header('x-auth-token');
    if (!isGood(answer) || token === undefined) return withoutSession(answer);
    const location = answer.header('location') ?? idOf(answer.body);
    return { kind: 'token', token, session: location === undefined ? undefined : pathOn(origin, location, path) };
  };
  const send = async (request: WireRequest): Promise<WireAnswer> => {
    credentials ??= await logIn();
    const once = (known: Credentials): Promise<WireAnswer> =>
      wire({ ...request, headers: { ...request.headers, ...headersOf(known) } });
    const answer = await once(credentials);
    if (answer.status !== 401 || credentials.kind !== 'token') return answer;
    // The session has ended over there.
    credentials = await logIn();
    return once(credentials);
  };
  const good = (answer: WireAnswer, what: string): WireAnswer => {
    if (isGood(answer)) return answer;
    const fault = faultOf(answer, what);
    if (password === undefined || password === '' || !fault.message.includes(password)) throw fault;
    throw new BmcError(fault.failure, fault.message.replaceAll(password, '******'), fault.retryAfterMs);
  };
  const read = async (path: string): Promise<Resource> => {
    const answer = good(await send({ method: 'GET', path }), `GET ${path}`);
    if (!isObject(answer.body)) throw new BmcError('refused', `The BMC answered no JSON object to GET ${path}.`);
    return { path, body: answer.body, etag: answer.header('etag') ?? textOf(answer.body['@odata.etag']) };
  };
  return {
    read,
    post: async (path, body) => good(await send({ method: 'POST', path, body }), `POST ${path}`),
    patch: async (resource, body) => {
      const { path, etag } = resource;
      const once = (tag: string | undefined): Promise<WireAnswer> =>
        send({ method: 'PATCH', path, body, ...(tag !== undefined && { headers: { 'If-Match': tag } }) });
      const answer = await once(etag);
      // Some BMCs give a weak tag and compare strongly; with others the resource has changed meanwhile.
      if (answer.status !== 412 && answer.status !== 428) return good(answer, `PATCH ${path}`);
      const tag = etag?.startsWith('W/') ? etag.slice(2) : (await read(path)).etag;
      return good(await once(tag), `PATCH ${path}`);
    },
    follow: (reference) => {
      const id = typeof reference === 'string' ? reference : idOf(reference);
      return id === undefined || id === '' ? undefined : pathOn(origin, id, root);
    },
    close: async () => {
      const known = credentials;
      credentials = { kind: 'none' };
      if (known?.kind === 'token' && known.session !== undefined)
        await wire({ method: 'DELETE', path: known.session, headers: headersOf(known) }).catch(() => undefined);
      wire.close();
    },
  };
};
