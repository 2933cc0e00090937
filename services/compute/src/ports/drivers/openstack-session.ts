import { dropTrailing } from '@nefos/contracts';
import { LRUCache } from 'lru-cache';
import { DriverError } from '../driver.js';
import { hasCode } from './openstack-errors.js';
import type { OpenstackSecrets, OpenstackSettings } from './openstack-settings.js';
import type { Wire, WireAnswer, WireCall } from './openstack-wire.js';

export type Service = 'identity' | 'compute' | 'image' | 'network';
export interface SessionCall extends Omit<WireCall, 'service' | 'url'> {
  service: Service;
  /** Below the service's endpoint; begins with a slash. */
  path: string;
  /** Keystone's id of the project in whose name it is; absent: that of the credentials. */
  project?: string | null;
}
/** What a token is good for. */
export interface Token {
  id: string;
  userId: string;
  projectId: string;
  projectDomainId: string;
  catalog: readonly CatalogService[];
  /** By the process's own clock. */
  renewAt: number;
}
interface CatalogService {
  type: string;
  endpoints: { interface: string; region?: string; region_id?: string; url: string }[];
}
export interface Session {
  /** @throws DriverError */
  call: <T>(call: SessionCall) => Promise<WireAnswer<T>>;
  /** The token of the credentials themselves. */
  own: () => Promise<Token>;
}
/** Seconds before its end at which a token is renewed; of a short-lived one half of its life. */
const EARLY_MS = 300_000;
const OLDEST_MICROVERSION = 53;
/** The newest one that the driver was written for. */
const NEWEST_MICROVERSION = 93;
const VERSION_PATH: Partial<Record<Service, string>> = { image: '/v2', network: '/v2.0' };

/** The endpoint with its version, without a slash at its end. */
export const versioned = (service: Service, url: string): string => {
  const plain = dropTrailing(url, '/');
  return /\/v\d+(\.\d+)?(\/[^/]+)?$/.test(plain) ? plain : `${plain}${VERSION_PATH[service] ?? ''}`;
};
/** Where compute tells its microversions. */
export const versionsAt = (endpoint: string): string => `${endpoint.replace(/(\/v2(\.\d+)?)\/[^/]+$/, '$1')}/`;

/** @throws DriverError UNSUPPORTED */
export const negotiate = (newest: string | undefined): string => {
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(newest ?? '') ?? [];
  if (major !== '2' || Number(minor) < OLDEST_MICROVERSION)
    throw new DriverError(
      'UNSUPPORTED',
      `The compute service of the cloud offers ${newest ?? 'no microversion'}: 2.${OLDEST_MICROVERSION} is needed.`,
    );
  return `2.${Math.min(Number(minor), NEWEST_MICROVERSION)}`;
};

const credentials = (settings: OpenstackSettings, secrets: OpenstackSecrets): object =>
  settings.application_credential_id === undefined
    ? {
        methods: ['password'],
        password: {
          user: { name: settings.username, domain: { name: settings.user_domain }, password: secrets.password },
        },
      }
    : {
        methods: ['application_credential'],
        application_credential: {
          id: settings.application_credential_id,
          secret: secrets.application_credential_secret,
        },
      };
const scopeOf = (settings: OpenstackSettings, project: string | null): object => {
  // The scope of an application credential is its own.
  if (settings.application_credential_id !== undefined) return {};
  return {
    scope: {
      project:
        project === null ? { name: settings.project, domain: { name: settings.project_domain } } : { id: project },
    },
  };
};
interface TokenBody {
  token: {
    issued_at: string;
    expires_at: string;
    user: { id: string };
    project?: { id: string; domain: { id: string } };
    catalog?: CatalogService[];
  };
}

/** Tokens of one cloud by project, renewed in time and once more when the cloud refuses one; its endpoints. */
export const createSession = (wire: Wire, settings: OpenstackSettings, secrets: OpenstackSecrets): Session => {
  const plain = dropTrailing(settings.auth_url, '/');
  const identity = /\/v3$/.test(plain) ? plain : `${plain}/v3`;
  const tokens = new LRUCache<string, Token>({ max: 1000 });
  const issuing = new Map<string, Promise<Token>>();
  let microversion: Promise<string> | undefined;

  const issue = async (project: string | null): Promise<Token> => {
    const asked = performance.now();
    const answer = await wire<TokenBody>({
      service: 'identity',
      method: 'POST',
      url: `${identity}/auth/tokens`,
      body: { auth: { identity: credentials(settings, secrets), ...scopeOf(settings, project) } },
    });
    const { token } = answer.body;
    const id = answer.header('x-subject-token');
    if (id === undefined || !token.project)
      throw new DriverError('AUTH', 'The cloud issued a token without a project.');
    const life = Date.parse(token.expires_at) - Date.parse(token.issued_at);
    return {
      id,
      userId: token.user.id,
      projectId: token.project.id,
      projectDomainId: token.project.domain.id,
      catalog: token.catalog ?? [],
      renewAt: asked + Math.max(life - EARLY_MS, life / 2),
    };
  };
  /** Many that need a token at once get the same one. */
  const tokenOf = (project: string | null): Promise<Token> => {
    const key = project ?? '';
    const known = tokens.get(key);
    if (known && known.renewAt > performance.now()) return Promise.resolve(known);
    const running =
      issuing.get(key) ??
      issue(project)
        .then((token) => {
          tokens.set(key, token);
          return token;
        })
        .finally(() => issuing.delete(key));
    issuing.set(key, running);
    return running;
  };
  const endpointOf = (service: Service, { catalog }: Token): string => {
    if (service === 'identity') return identity;
    const { interface: wanted, region } = settings;
    const found = catalog
      .filter(({ type }) => type === service)
      .flatMap(({ endpoints }) => endpoints)
      .find((one) => one.interface === wanted && (region === undefined || (one.region_id ?? one.region) === region));
    if (found) return versioned(service, found.url);
    const where = region === undefined ? '' : ` in region ${region}`;
    throw new DriverError('UNSUPPORTED', `The cloud's catalog has no ${wanted} endpoint of ${service}${where}.`);
  };
  const askMicroversion = async (token: Token): Promise<string> => {
    const url = versionsAt(endpointOf('compute', token));
    const { body } = await wire<{ version?: { version?: string } }>({
      service: 'compute',
      method: 'GET',
      url,
      headers: { 'X-Auth-Token': token.id },
    });
    return negotiate(body?.version?.version);
  };
  const microversionOf = (token: Token): Promise<string> =>
    (microversion ??= askMicroversion(token).catch((err: unknown) => {
      microversion = undefined;
      throw err;
    }));

  const send = async <T>(token: Token, { service, path, project: _project, headers, ...call }: SessionCall) => {
    const version = service === 'compute' ? await microversionOf(token) : undefined;
    return wire<T>({
      ...call,
      service,
      url: `${endpointOf(service, token)}${path}`,
      headers: {
        ...headers,
        'X-Auth-Token': token.id,
        ...(version !== undefined && {
          'OpenStack-API-Version': `compute ${version}`,
          'X-OpenStack-Nova-API-Version': version,
        }),
      },
    });
  };
  return {
    own: () => tokenOf(null),
    call: async (call) => {
      const project = call.project ?? null;
      const token = await tokenOf(project);
      try {
        return await send(token, call);
      } catch (err) {
        if (!hasCode(err, 'AUTH')) throw err;
        // Others may have renewed it meanwhile.
        if (tokens.peek(project ?? '')?.id === token.id) tokens.delete(project ?? '');
        return send(await tokenOf(project), call);
      }
    },
  };
};
