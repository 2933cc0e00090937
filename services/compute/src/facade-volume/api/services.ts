import { facadeVolume } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { queryBoolean, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { microseconds } from '../../facade/api/times.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { regionsOfType, volumeZones } from '../domain/zones.js';
import { refuseAbsent } from './refuse.js';

const endpoint = endpointFor<ComputeCtx>();
const BINARY = 'cinder-volume';
const hostOf = (zone: string): string => `${zone}@nefos`;
const poolOf = (zone: string): string => `${hostOf(zone)}#${zone}`;

/** What is done to services, and from when. */
const ACTIONS: Readonly<Record<string, number>> = {
  enable: 0,
  disable: 0,
  'disable-log-reason': 0,
  freeze: 0,
  thaw: 0,
  failover_host: 0,
  failover: 26,
  'set-log': 32,
  'get-log': 32,
};
/** Pools that a query names: by `name` from 3.28, by `volume_type` from 3.35. @throws Fault invalid */
const poolsAsked = async (ctx: ComputeRequest, query: FaceQuery): Promise<string[]> => {
  const zones = await volumeZones(ctx);
  if (!since(ctx, 28)) return zones;
  const foreign = Object.keys(query).filter((name) => !['detail', 'name', 'volume_type'].includes(name));
  if (foreign.length > 0 && since(ctx, 31))
    throw faceFault('invalid', `Invalid filters ${foreign.join(',').slice(0, 200)} are found in query options.`);
  const name = queryText(query, 'name');
  const type = since(ctx, 35) ? queryText(query, 'volume_type') : undefined;
  const ofType = type === undefined ? undefined : await regionsOfType(ctx, type);
  return zones.filter(
    (zone) => (name === undefined || name === poolOf(zone)) && (ofType === undefined || ofType.includes(zone)),
  );
};

export const serviceEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeVolume.listServices, async (ctx, { query }) => {
    demandAdmin(ctx);
    const host = queryText(query, 'host');
    const binary = queryText(query, 'binary') ?? queryText(query, 'service');
    const zones = binary && binary !== BINARY ? [] : await volumeZones(ctx);
    return {
      services: zones
        .filter((zone) => !host || host === hostOf(zone))
        .map((zone) => ({
          binary: BINARY,
          host: hostOf(zone),
          zone,
          status: 'enabled',
          state: 'up',
          updated_at: microseconds(ctx.clock.now().toISOString()),
          disabled_reason: null,
          ...(since(ctx, 7) && { cluster: null }),
          ...(since(ctx, 49) && { backend_state: 'up' }),
        })),
    };
  }),
  endpoint(facadeVolume.actOnServices, async (ctx, { params: { id } }) => {
    demandAdmin(ctx);
    if (!Object.hasOwn(ACTIONS, id) || !since(ctx, ACTIONS[id] ?? 0)) throw faceFault('not_found', 'Unknown action');
    return Promise.resolve(refuseAbsent('services are not switched here: the regions of the portal are.'));
  }),
  endpoint(facadeVolume.listPools, async (ctx, { query }) => {
    demandAdmin(ctx);
    const zones = await poolsAsked(ctx, query);
    const detail = queryBoolean(query, 'detail') ?? false;
    const capabilities = (zone: string) => ({
      volume_backend_name: zone,
      driver_version: '1',
      storage_protocol: 'nefos',
      vendor_name: 'Nefos',
      // Nobody tells what a hypervisor has: clients print these as they are.
      total_capacity_gb: 'unknown',
      free_capacity_gb: 'unknown',
      reserved_percentage: 0,
      QoS_support: false,
    });
    return {
      pools: zones.map((zone) => ({ name: poolOf(zone), ...(detail && { capabilities: capabilities(zone) }) })),
    };
  }),
];
