import { facadeVolume } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { absentNow, demandSince, refuseAbsent } from './refuse.js';

const endpoint = endpointFor<ComputeCtx>();
interface Absent {
  at: (typeof facadeVolume.absent)[keyof typeof facadeVolume.absent];
  key: string;
  word: string;
  why: string;
  /** The microversion that has it. */
  from?: number;
  /** Only administrators may ask for it. */
  admins?: boolean;
}
const GROUPS = 'there are no groups of volumes.';
const TRANSFERS = 'volumes are not handed over to other projects.';
const CLUSTERS = 'there are no clusters of services.';
const { absent } = facadeVolume;
const ABSENT: readonly Absent[] = [
  { at: absent.messages, key: 'messages', word: 'Message', why: 'messages are not kept.', from: 3 },
  { at: absent.qos_specs, key: 'qos_specs', word: 'QoS specs', why: 'there are no QoS specs.' },
  { at: absent.groups, key: 'groups', word: 'Group', why: GROUPS, from: 13 },
  { at: absent.group_types, key: 'group_types', word: 'Group type', why: GROUPS, from: 11 },
  { at: absent.group_snapshots, key: 'group_snapshots', word: 'GroupSnapshot', why: GROUPS, from: 14 },
  { at: absent.consistencygroups, key: 'consistencygroups', word: 'ConsistencyGroup', why: GROUPS },
  { at: absent.cgsnapshots, key: 'cgsnapshots', word: 'CgSnapshot', why: GROUPS },
  { at: absent.transfers, key: 'transfers', word: 'Transfer', why: TRANSFERS },
  { at: absent.new_transfers, key: 'transfers', word: 'Transfer', why: TRANSFERS, from: 55 },
  { at: absent.clusters, key: 'clusters', word: 'Cluster', why: CLUSTERS, from: 7, admins: true },
];
/** What this cloud has not: lists are empty, nothing has a name, and to make one is refused. */
const listed = ABSENT.flatMap(({ at, key, word, why, from = 0, admins = false }): Endpoint<ComputeCtx>[] => {
  const enter = (ctx: ComputeRequest): void => {
    demandSince(ctx, from);
    if (admins) demandAdmin(ctx);
  };
  const none = async (ctx: ComputeRequest) => {
    enter(ctx);
    return Promise.resolve({ [key]: [] });
  };
  const nobody = async (ctx: ComputeRequest, { params: { id } }: { params: { id: string } }): Promise<never> => {
    enter(ctx);
    return Promise.resolve(absentNow(word, id));
  };
  return [
    endpoint(at.detail, none),
    endpoint(at.list, none),
    endpoint(at.show, nobody),
    endpoint(at.update, nobody),
    endpoint(at.remove, nobody),
    endpoint(at.act, nobody),
    endpoint(at.create, async (ctx) => {
      enter(ctx);
      return Promise.resolve(refuseAbsent(why));
    }),
  ];
});
/** What only administrators ask for, and nothing is behind it. */
const refusedTo = (ctx: ComputeRequest, from: number, why: string): Promise<never> => {
  demandSince(ctx, from);
  demandAdmin(ctx);
  return Promise.resolve(refuseAbsent(why));
};
const MANAGED = 'what storage has beside the portal is not listed and not taken over.';
const DEFAULTS = 'projects have no default volume type: without one it is the own type of the hypervisor.';
const noDefault = (ctx: ComputeRequest, project: string): never => {
  demandSince(ctx, 62);
  demandAdmin(ctx);
  return absentNow('Default type for project', project);
};

export const absentEndpoints: Endpoint<ComputeCtx>[] = [
  // Before `groups/:id`, which has no POST.
  endpoint(facadeVolume.copyGroup, async (ctx) => {
    demandSince(ctx, 14);
    return Promise.resolve(refuseAbsent(GROUPS));
  }),
  ...listed,
  ...[facadeVolume.manageableVolumes, facadeVolume.manageableSnapshots].flatMap((at) => [
    endpoint(at.detail, (ctx) => refusedTo(ctx, 8, MANAGED)),
    endpoint(at.list, (ctx) => refusedTo(ctx, 8, MANAGED)),
    endpoint(at.take, (ctx) => refusedTo(ctx, 8, MANAGED)),
  ]),
  endpoint(facadeVolume.cleanWorkers, (ctx) => refusedTo(ctx, 24, 'there are no workers to clean up after.')),
  endpoint(facadeVolume.listDefaultTypes, async (ctx) => {
    demandSince(ctx, 62);
    demandAdmin(ctx);
    return Promise.resolve({ default_types: [] });
  }),
  endpoint(facadeVolume.showProjectType, async (ctx, { params: { id } }) => Promise.resolve(noDefault(ctx, id))),
  endpoint(facadeVolume.setProjectType, (ctx) => refusedTo(ctx, 62, DEFAULTS)),
  endpoint(facadeVolume.unsetProjectType, async (ctx, { params: { id } }) => Promise.resolve(noDefault(ctx, id))),
];
