import type { compute, ResponseOf } from '@nefos/contracts';
import { createCaller, type CallOptions, type CallerOptions } from './call.js';

/** Contract compute §3: the envelope of every list. */
export type ComputePage<T> = Omit<ResponseOf<typeof compute.listClients>, 'objects'> & {
  objects: T[];
  /** Of instances only. */
  permissions?: Record<string, boolean>;
};
/** Paging, ordering, search and `filtering` of contract compute §3, under their names on the wire. */
export type ListQuery = Readonly<Record<string, string | number | boolean>>;
type Input = compute.ClientInput;
type Must = 'first_name' | 'last_name' | 'email' | 'address1' | 'city' | 'country' | 'zip_code' | 'phone';
/** Contract compute §4.2; `user` makes an end user that belongs to the client. */
export type NewClient = Pick<Input, Must> &
  Partial<Omit<Input, Must>> & {
    user?: {
      username: string;
      email: string;
      password: string;
      first_name?: string;
      last_name?: string;
      external_billing_id?: string;
    };
  };
/** What create and update answer. */
export type Client = ResponseOf<typeof compute.createClient>;
export type ClientItem = ResponseOf<typeof compute.listClients>['objects'][number];
export type ClientDetail = ResponseOf<typeof compute.getClient>;
/** Contract compute §6.1. */
export interface NewInstance {
  name: string;
  region: string;
  flavor: string;
  /** Networks. */
  nics: string[];
  share_image?: boolean;
  /** For staff; end users have none to name. */
  client?: number;
  boot_source: {
    source_type: 'image';
    source_id: string;
    delete_on_termination?: boolean;
    create_new_volume?: boolean;
    volume_type?: string;
  };
  description?: string | null;
  tags?: string[];
  delete_protection?: boolean;
}
export type Instance = ResponseOf<typeof compute.staffInstances.list>['objects'][number];
export type InstanceDetail = ResponseOf<typeof compute.staffInstances.get>;
/** Contract compute §10. */
export type Operation = ResponseOf<typeof compute.staffOperations.get>;
type Item<R extends keyof typeof compute.staffCloud> = ResponseOf<(typeof compute.staffCloud)[R]['get']>;
export type Region = Item<'regions'>;
export type Flavor = Item<'flavors'>;
export type Image = ResponseOf<typeof compute.staffImages.get>;
export type Network = Item<'networks'>;
export type Subnet = Item<'subnets'>;
export type CurrentUser = ResponseOf<typeof compute.staffCurrentUser>;
/** What an accepted change answers; `operationId` can be followed by `operations.get`. */
export interface Accepted {
  detail: string;
  operationId?: string;
}

export interface ComputeClientOptions extends CallerOptions {
  /** `staffapi` for staff, `api` for end users. */
  area?: 'staffapi' | 'api' | undefined;
}

/** Calls compute as staff or as an end user. Every function throws ApiError. */
export const createComputeClient = ({ area = 'staffapi', ...options }: ComputeClientOptions) => {
  const call = createCaller({ scheme: 'token', ...options });
  const get = async <T>(
    path: string,
    {
      params,
      query,
      ...more
    }: CallOptions & { params?: Record<string, string | number>; query?: ListQuery | undefined } = {},
  ): Promise<T> => (await call<T>({ method: 'get', path: `/${area}${path}`, params, query, ...more })).body;
  const accepted = async (
    method: 'post' | 'delete',
    path: string,
    params: Record<string, string | number>,
    more: CallOptions,
    body?: object,
  ): Promise<Accepted> => {
    const answer = await call<{ detail: string }>({ method, path: `/${area}${path}`, params, body, ...more });
    const operationId = answer.headers['x-operation-id'];
    return { detail: answer.body.detail, ...(operationId !== undefined && { operationId }) };
  };
  const readList =
    <T>(path: string) =>
    (query?: ListQuery, more: CallOptions = {}): Promise<ComputePage<T>> =>
      get<ComputePage<T>>(path, { query, ...more });
  return {
    close: call.close,
    clients: {
      list: readList<ClientItem>('/clients'),
      get: (id: number, more: CallOptions = {}) => get<ClientDetail>('/clients/:id', { params: { id }, ...more }),
      create: async (client: NewClient, more: CallOptions & { idempotencyKey?: string } = {}) =>
        (await call<Client>({ method: 'post', path: `/${area}/clients`, body: client, ...keyed(more) })).body,
      update: async (id: number, changes: Partial<NewClient>, more: CallOptions = {}) =>
        (await call<Client>({ method: 'patch', path: `/${area}/clients/:id`, params: { id }, body: changes, ...more }))
          .body,
      delete: async (id: number, more: CallOptions & { deleteCloudResources?: boolean } = {}): Promise<void> => {
        const { deleteCloudResources, ...rest } = more;
        await call({
          method: 'delete',
          path: `/${area}/clients/:id`,
          params: { id },
          query: deleteCloudResources ? { delete_cloud_resources: 'true' } : {},
          ...rest,
        });
      },
      suspend: (id: number, more: CallOptions = {}) => accepted('post', '/clients/:id/suspend', { id }, more),
      resume: (id: number, more: CallOptions = {}) => accepted('post', '/clients/:id/resume', { id }, more),
    },
    instances: {
      list: readList<Instance>('/openstack/instances'),
      get: (id: string, more: CallOptions = {}) =>
        get<InstanceDetail>('/openstack/instances/:id', { params: { id }, ...more }),
      /**
       * With an `idempotencyKey` the call is repeated after network errors and still makes one instance (contract
       * compute §1 T10).
       */
      create: async (
        instance: NewInstance,
        more: CallOptions & { idempotencyKey?: string } = {},
      ): Promise<Accepted & { id: string }> => {
        const answer = await call<{ detail: string; id: string }>({
          method: 'post',
          path: `/${area}/openstack/instances`,
          body: instance,
          ...keyed(more),
        });
        const operationId = answer.headers['x-operation-id'];
        return { detail: answer.body.detail, id: answer.body.id, ...(operationId !== undefined && { operationId }) };
      },
      /** Contract compute §6.5: `stop`, `start`, `reboot`, ... with the action's own body. */
      action: (id: string, action: string, body?: object, more: CallOptions = {}) =>
        accepted('post', '/openstack/instances/:id/:action', { id, action }, more, body),
      stop: (id: string, more: CallOptions = {}) => accepted('post', '/openstack/instances/:id/stop', { id }, more),
      start: (id: string, more: CallOptions = {}) => accepted('post', '/openstack/instances/:id/start', { id }, more),
      delete: (id: string, more: CallOptions = {}) => accepted('delete', '/openstack/instances/:id', { id }, more),
    },
    regions: readList<Region>('/openstack/regions'),
    flavors: readList<Flavor>('/openstack/flavors'),
    images: readList<Image>('/openstack/images'),
    networks: readList<Network>('/openstack/networks'),
    subnets: readList<Subnet>('/openstack/subnets'),
    operations: {
      list: readList<Operation>('/operations'),
      get: (id: string, more: CallOptions = {}) => get<Operation>('/operations/:id', { params: { id }, ...more }),
    },
    currentUser: (more: CallOptions = {}) => get<CurrentUser>('/current-user', more),
  };
};
export type ComputeClient = ReturnType<typeof createComputeClient>;

/** A key makes a POST safe to repeat. */
const keyed = ({ idempotencyKey, ...more }: CallOptions & { idempotencyKey?: string }) => ({
  ...more,
  ...(idempotencyKey !== undefined && { headers: { 'Idempotency-Key': idempotencyKey }, repeatable: true }),
});
