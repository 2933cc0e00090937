import { introspection } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { registryVersion } from '../../access/api/registry-version.js';
import type { IntrospectionCtx } from '../../ctx.js';
import type { JsonObject } from '../../values.js';
import { CONDUCTOR } from '../domain/conductor.js';
import { DRIVER_PROPERTIES } from '../domain/driver-properties.js';
import { demandDriver, listDrivers } from '../domain/driver-list.js';
import { INTERFACE_FIELDS, type HardwareType, type InterfaceField } from '../domain/drivers.js';
import { namesOf, type Query } from '../domain/paging.js';
import { linksTo, registryBase } from './links.js';

const endpoint = endpointFor<IntrospectionCtx>();
/** What each interface may be, and the default, as far as the version knows them. */
const interfacesView = ({ interfaces }: HardwareType, version: number): JsonObject => {
  const view: JsonObject = {};
  for (const field of Object.keys(INTERFACE_FIELDS) as InterfaceField[]) {
    if (version < Math.max(INTERFACE_FIELDS[field], 30)) continue;
    view[`default_${field}`] = interfaces[field][0] ?? null;
    view[`enabled_${field}s`] = [...interfaces[field]];
  }
  return view;
};
/** @param whole with its interfaces */
const driverView = (base: string, type: HardwareType, version: number, whole: boolean): JsonObject => ({
  name: type.name,
  hosts: [CONDUCTOR],
  links: linksTo(base, `drivers/${type.name}`),
  ...(version >= 14 && { properties: linksTo(base, `drivers/${type.name}/properties`) }),
  ...(version >= 30 && { type: 'dynamic' }),
  ...(whole && version >= 30 && interfacesView(type, version)),
});
/** The fields that a query asks for; links come with them. */
const only = (view: JsonObject, query: Query): JsonObject => {
  const asked = namesOf(query.fields);
  return asked?.length
    ? Object.fromEntries(Object.entries(view).filter(([name]) => name === 'links' || asked.includes(name)))
    : view;
};
/** Hardware types (contract introspection §11.2). */
export const driverEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.listDrivers, async (ctx, { req, query }) => {
    const version = registryVersion(req);
    const { types, detail } = listDrivers(query, version);
    const base = registryBase(ctx, req);
    return { drivers: types.map((type) => driverView(base, type, version, detail)) };
  }),
  endpoint(introspection.showDriver, async (ctx, { req, params, query }) =>
    only(driverView(registryBase(ctx, req), demandDriver(params.driver_name), registryVersion(req), true), query),
  ),
  endpoint(
    introspection.showDriverProperties,
    async (_ctx, { params }) => DRIVER_PROPERTIES[demandDriver(params.driver_name).name],
  ),
];
