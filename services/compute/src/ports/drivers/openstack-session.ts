import { dropTrailing } from '@nefos/contracts';
import { LRUCache } from 'lru-cache';
import { DriverError } from '../driver.js';
import { hasCode } from './openstack-errors.js';
import type { OpenstackSecrets, OpenstackSettings } from './openstack-settings.js';
import type { Wire, WireAnswer, WireCall } from './openstack-wire.js';

export type Service = 'identity' | 'compute' | 'image' | 'network' | 'volume';
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
const VERSION_PATH: Partial<Record<Service, string>> = { image: '/v2', network: '/v2.0', volume: '/v3' };
/** Types in the catalog, the best first; others have their service's name. */
const TYPES: Partial<Record<Service, readonly string[]>> = { volume: ['block-storage', 'volumev3'] };

/** Services with microversions: the oldest that will do, the newest that the driver was written for. */
const MICROVERSIONS = {
  compute: { major: 2, oldest: 53, newest: 93, names: ['X-OpenStack-Nova-API-Version'] },
  volume: { major: 3, oldest: 47, newest: 70, names: [] },
} as const;
type Versioned = keyof typeof MICROVERSIONS;
const isVersioned = (service: Service): service is Versioned => Object.hasOwn(MICROVERSIONS, service);

/** The endpoint with its version, without a slash at its end. */
export const versioned = (service: Service, url: string): string => {
  const plain = dropTrailing(url, '/');
  return /\/v\d+(\.\d+)?(\/[^/]+)?$/.test(plain) ? plain : `${plain}${VERSION_PATH[service] ?? ''}`;
};
/** Where compute or volume tells its microversions: without the project, which is at the end of some. */
export const versionsAt = (endpoint: string): string => `${endpoint.replace(/(\/v[23](\.\d+)?)\/[^/]+$/, '$1')}/`;

/** @param offered the newest that the cloud has @throws DriverError UNSUPPORTED */
export const negotiate = (offered: string | undefined, service: Versioned = 'compute'): string => {
  const { major: wanted, oldest, newest } = MICROVERSIONS[service];
  const [, major, minor] = /^(\d+)\.(\d+)$/.exec(offered ?? '') ?? [];
  if (Number(major) !== wanted || Number(minor) < oldest)
    throw new DriverError(
      'UNSUPPORTED',
      `The ${service} service of the cloud offers ${offered ?? 'no microversion'}: ${wanted}.${oldest} is needed.`,
    );
  return `${wanted}.${Math.min(Number(minor), newest)}`;
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
  const microversions = new Map<Versioned, Promise<string>>();

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
    const found = (TYPES[service] ?? [service])
      .flatMap((wantedType) => catalog.filter(({ type }) => type === wantedType))
      .flatMap(({ endpoints }) => endpoints)
      .find((one) => one.interface === wanted && (region === undefined || (one.region_id ?? one.region) === region));
    if (found) return versioned(service, found.url);
    const where = region === undefined ? '' : ` in region ${region}`;
    throw new DriverError('UNSUPPORTED', `The cloud's catalog has no ${wanted} endpoint of ${service}${where}.`);
  };
  const askMicroversion = async (service: Versioned, token: Token): Promise<string> => {
    const url = versionsAt(endpointOf(service, token));
    // Compute tells one version, volume a list of one.
    const { body } = await wire<{ version?: { version?: string }; versions?: { version?: string }[] }>({
      service,
      method: 'GET',
      url,
      headers: { 'X-Auth-Token': token.id },
    });
    return negotiate(body?.version?.version ?? body?.versions?.[0]?.version, service);
  };
  const microversionOf = (service: Versioned, token: Token): Promise<string> => {
    const asked =
      microversions.get(service) ??
      askMicroversion(service, token).catch((err: unknown) => {
        microversions.delete(service);
        throw err;
      });
    microversions.set(service, asked);
    return asked;
  };
  const versionHeaders = async (service: Service, token: Token): Promise<Record<string, string>> => {
    if (!isVersioned(service)) return {};
    const version = await microversionOf(service, token);
    return {
      'OpenStack-API-Version': `${service} ${version}`,
      ...Object.fromEntries(MICROVERSIONS[service].names.map((name) => [name, version])),
    };
  };

  const send = async <T>(token: Token, { service, path, project: _project, headers, ...call }: SessionCall) => {
    const versions = await versionHeaders(service, token);
    return wire<T>({
      ...call,
      service,
      url: `${endpointOf(service, token)}${path}`,
      headers: { ...headers, 'X-Auth-Token': token.id, ...versions },
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
