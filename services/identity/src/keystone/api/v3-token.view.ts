import { isoZ6 } from '@nefos/service-kit';
import { asciiJson } from '../../access/api/json.js';
import type { DirectoryData } from '../../catalog/domain/directory.js';
import { rolesOf } from '../../access/domain/roles.js';
import { NEVER, projectOf, type TokenRecord, type UserToken } from '../../access/domain/tokens.js';
import { catalogFor } from './catalog-for.js';
import { DOMAIN } from '../domain/default-domain.js';

const INTERFACES = [
  ['publicURL', 'public'],
  ['internalURL', 'internal'],
  ['adminURL', 'admin'],
] as const;
export interface V3Endpoint {
  id: string;
  interface: string;
  region: string;
  region_id: string;
  url: string;
}
export interface V3Service {
  id: string;
  type: string;
  name: string;
  endpoints: V3Endpoint[];
}
/**
 * One endpoint per registered interface. The identity service stands at its unversioned root, where clients choose a
 * version (contract identity §12.3). Kept with the directory.
 */
export const v3Catalog = (directory: DirectoryData): V3Service[] => {
  const cached = directory.derived.get('v3') as V3Service[] | undefined;
  if (cached) return cached;
  const catalog = directory.services.map((s) => ({
    id: String(s.id),
    type: s.type,
    name: s.name,
    endpoints: s.endpoints.flatMap((e) =>
      INTERFACES.flatMap(([key, name], i) => {
        const url = e.data[key];
        const region = e.data.region ?? 'default';
        return url === undefined
          ? []
          : [
              {
                id: i ? `${e.id}-${name}` : String(e.id),
                interface: name,
                region,
                region_id: region,
                url: s.type === 'identity' ? url.replace(/\/v2\.0\/?$/, '') : url,
              },
            ];
      }),
    ),
  }));
  directory.derived.set('v3', catalog);
  return catalog;
};
const catalogText = (directory: DirectoryData): string => {
  let text = directory.derived.get('v3json') as string | undefined;
  if (text === undefined) directory.derived.set('v3json', (text = asciiJson(v3Catalog(directory))));
  return text;
};

/** Rendered documents: a record lives a few seconds in memory and is shown many times. */
const rendered = new WeakMap<TokenRecord, { directory: DirectoryData; json: string }>();
/**
 * The token document without its catalog. A component's has the role `service` and its rights. A token that never
 * expires gets a far end, since validators expect one.
 */
const documentOf = (directory: DirectoryData, t: TokenRecord): Record<string, unknown> => {
  const common = {
    methods: t.methods.length ? t.methods : ['password'],
    issued_at: isoZ6(t.createdAt),
    expires_at: isoZ6(t.expiresAt ?? NEVER),
    audit_ids: [t.auditId],
    is_domain: false,
  };
  if (!t.user) {
    const id = `component:${t.component?.name ?? ''}`;
    return {
      ...common,
      methods: ['token'],
      user: { id, name: t.component?.name ?? '', domain: DOMAIN, password_expires_at: null },
      roles: rolesOf(directory, t),
    };
  }
  const project = projectOf(t as UserToken);
  return {
    ...common,
    user: { id: t.user.uuid, name: t.user.username, domain: DOMAIN, password_expires_at: null },
    ...(project && { project: { id: project, name: t.projectName ?? `system:${project}`, domain: DOMAIN } }),
    ...(t.scope === 'domain' && { domain: DOMAIN }),
    ...(t.scope === 'system' && { system: { all: true } }),
    ...(t.readOnly && { read_only: true }),
    ...(t.scope !== 'none' && { roles: rolesOf(directory, t) }),
    ...(t.credential && {
      application_credential: { id: t.credential.id, name: t.credential.name, restricted: !t.credential.unrestricted },
    }),
  };
};
/** The token document as JSON. Unscoped tokens and components have no catalog. */
export const v3TokenJson = (all: DirectoryData, t: TokenRecord, withCatalog: boolean): string => {
  const directory = catalogFor(all, t);
  let cached = rendered.get(t);
  if (cached?.directory !== directory)
    rendered.set(t, (cached = { directory, json: asciiJson(documentOf(directory, t)) }));
  return withCatalog && t.user && t.scope !== 'none'
    ? `{"token":${cached.json.slice(0, -1)},"catalog":${catalogText(directory)}}}`
    : `{"token":${cached.json}}`;
};
