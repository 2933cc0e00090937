import { isoOffset } from '@nefos/service-kit';
import type { DirectoryData } from '../../catalog/domain/directory.js';
import { groupsOf } from '../../access/domain/roles.js';
import { NEVER, shown, type UserToken } from '../../access/domain/tokens.js';
import { asciiJson } from '../../access/api/json.js';
import { isXmlName, toXml, V2_NAMESPACE, type XmlElement } from '../../access/api/xml.js';

const once = <T>(directory: DirectoryData, name: string, make: () => T): T => {
  if (!directory.derived.has(name)) directory.derived.set(name, make());
  return directory.derived.get(name) as T;
};

export interface V2Service {
  name: string;
  type: string;
  endpoints_links: never[];
  endpoints: Record<string, string>[];
}
/** The catalog of v2.0: by service id, one endpoint each, every registered pair as it is (contract identity §5.7). */
export const catalogOf = (directory: DirectoryData, interfaces = false): V2Service[] =>
  once(directory, `v2:${interfaces}`, () =>
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
  once(directory, `v2json:${interfaces}`, () => asciiJson(catalogOf(directory, interfaces)));
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
  tenant: { id: t.user.defaultProject, name: t.user.name },
});

// A record lives a few seconds in memory and is shown many times: what does not depend on the request is written once.
const rendered = new WeakMap<UserToken, { directory: DirectoryData; text: string }>();
/** The answer of POST tokens in JSON, or only the catalog. */
export const accessJson = (directory: DirectoryData, interfaces: boolean, t?: UserToken, presented = ''): string => {
  if (!t)
    return once(
      directory,
      `public:${interfaces}`,
      () => `{"access":{"serviceCatalog":${catalogJson(directory, interfaces)}}}`,
    );
  const full = shown(t, presented);
  let made = rendered.get(t);
  if (made?.directory !== directory)
    rendered.set(
      t,
      (made = {
        directory,
        text: `{"access":{"token":${asciiJson(tokenParts(t, full))},"serviceCatalog":${catalogJson(directory, interfaces)},"user":${asciiJson(userParts(directory, t))}}}`,
      }),
    );
  return made.text;
};
const PREFIXES = new Set(['SNF']);
/** A key that is no name of an attribute is left out (contract identity §5.7). */
const attributes = (pairs: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(pairs).filter(([key]) => isXmlName(key, PREFIXES)));
/** The same in XML: namespaces declared, everything closed, which the seed's own sample is not. */
export const accessXml = (directory: DirectoryData, interfaces: boolean, t?: UserToken, presented = ''): string => {
  const root: XmlElement = {
    $: {
      xmlns: V2_NAMESPACE,
      'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
      'xmlns:SNF': 'urn:synnefo:identity:ext',
    },
  };
  if (t) {
    const { id, expires, tenant } = tokenParts(t, shown(t, presented));
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
      endpoint: endpoints.map((one) => ({ $: attributes(one) })),
    })),
  };
  return toXml('access', root);
};
