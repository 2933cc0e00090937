import { isoOffset } from '@nefos/service-kit';
import type { DirectoryData } from '../../catalog/domain/directory.js';
import { groupsOf } from '../../access/domain/roles.js';
import { NEVER, asIssued, isOfComponentProject, type UserToken } from '../../access/domain/tokens.js';
import { asciiJson } from '../../access/api/json.js';
import { catalogFor } from './catalog-for.js';
import { isXmlName, toXml, V2_NAMESPACE, type XmlElement } from '../../access/api/xml.js';

/** A value that is computed once for a directory and kept with it. */
const cachedIn = <T>(directory: DirectoryData, name: string, make: () => T): T => {
  if (!directory.derived.has(name)) directory.derived.set(name, make());
  return directory.derived.get(name) as T;
};

export interface V2Service {
  name: string;
  type: string;
  endpoints_links: never[];
  endpoints: Record<string, string>[];
}
/**
 * The catalog of v2.0, by service id, with every registered pair (contract identity §5.7).
 * @param interfaces adds `interface` and `url`, for clients that read a v2.0 catalog as one of v3
 */
export const catalogOf = (directory: DirectoryData, interfaces = false): V2Service[] =>
  cachedIn(directory, `v2:${interfaces}`, () =>
    directory.services.map(({ name, type, endpoints }) => ({
      name,
      type,
      endpoints_links: [],
      endpoints: endpoints.map(({ data, uiUrl }) => ({
        ...data,
        'SNF:uiURL': uiUrl,
        region: data.region ?? 'default',
        ...(name === 'astakos_weblogin' && data.publicURL !== undefined && { 'SNF:webloginURL': data.publicURL }),
        ...(interfaces && data.publicURL !== undefined && { interface: 'public', url: data.publicURL }),
      })),
    })),
  );
const catalogJson = (directory: DirectoryData, interfaces: boolean): string =>
  cachedIn(directory, `v2json:${interfaces}`, () => asciiJson(catalogOf(directory, interfaces)));
const userParts = (directory: DirectoryData, t: UserToken) => ({
  id: t.user.uuid,
  name: t.user.name,
  roles: groupsOf(directory, t).map(({ id, name }) => ({ id, name })),
  roles_links: [],
  projects: [t.user.uuid],
});
const tokenParts = (t: UserToken, presented: string) => ({
  id: presented,
  expires: isoOffset(t.expiresAt ?? NEVER),
  issued_at: isoOffset(t.createdAt),
  audit_ids: [t.auditId],
  tenant: isOfComponentProject(t)
    ? { id: t.project ?? '', name: t.projectName ?? '' }
    : { id: t.user.defaultProject, name: t.user.name },
});

/** Rendered answers: a record lives a few seconds in memory and is shown many times. */
const rendered = new WeakMap<UserToken, { directory: DirectoryData; json: string }>();
/**
 * The answer of POST tokens in JSON: the token with its catalog, or the catalog alone.
 * @param presented the token as the client sent it
 */
export const accessJson = (all: DirectoryData, interfaces: boolean, t?: UserToken, presented = ''): string => {
  const directory = catalogFor(all, t);
  if (!t)
    return cachedIn(
      directory,
      `public:${interfaces}`,
      () => `{"access":{"serviceCatalog":${catalogJson(directory, interfaces)}}}`,
    );
  const full = asIssued(t, presented);
  let cached = rendered.get(t);
  if (cached?.directory !== directory) {
    const token = asciiJson(tokenParts(t, full));
    const user = asciiJson(userParts(directory, t));
    const catalog = catalogJson(directory, interfaces);
    const json = `{"access":{"token":${token},"serviceCatalog":${catalog},"user":${user}}}`;
    rendered.set(t, (cached = { directory, json }));
  }
  return cached.json;
};
const PREFIXES = new Set(['SNF']);
/** Keys that can not be names of attributes are left out (contract identity §5.7). */
const attributes = (pairs: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(pairs).filter(([key]) => isXmlName(key, PREFIXES)));
/**
 * As `accessJson`, in XML. It declares its namespaces and closes every element, unlike the sample in the Astakos guide.
 */
export const accessXml = (all: DirectoryData, interfaces: boolean, t?: UserToken, presented = ''): string => {
  const directory = catalogFor(all, t);
  const root: XmlElement = {
    $: {
      xmlns: V2_NAMESPACE,
      'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      'xmlns:SNF': 'urn:synnefo:identity:ext',
    },
  };
  if (t) {
    const { id, expires, tenant } = tokenParts(t, asIssued(t, presented));
    const user = userParts(directory, t);
    root.token = { $: { id, expires }, tenant: { $: { id: tenant.id, name: tenant.name } } };
    root.user = {
      $: { id: user.id, name: user.name },
      roles: { role: user.roles.map((r) => ({ $: { id: String(r.id), name: r.name } })) },
    };
  }
  root.serviceCatalog = {
    service: catalogOf(directory, interfaces).map(({ type, name, endpoints }) => ({
      $: attributes({ type, name }),
      endpoint: endpoints.map((pairs) => ({ $: attributes(pairs) })),
    })),
  };
  return toXml('access', root);
};
