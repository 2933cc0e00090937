import { createCaller, type CallOptions, type CallerOptions } from './call.js';

/** Contract compute §3: the envelope of every list. */
export interface ComputePage<T> { count: number; next: string | null; previous: string | null; objects: T[]; totalCount: number; pageNo: number; permissions?: Record<string, boolean> }
/** Paging, ordering, search and `filtering` of contract compute §3, under their names on the wire. */
export type ListQuery = Readonly<Record<string, string | number | boolean>>;
/** Contract compute §4.2. */
export interface NewClient {
  first_name: string; last_name: string; email: string; address1: string; city: string; country: string; zip_code: string; phone: string;
  state?: string | null; company?: string | null; address2?: string | null; fax?: string | null; vat_id?: string | null; currency?: string; configuration?: string;
  groups?: (string | number)[]; custom_fields?: { name: string; value: string }[]; reseller_client?: number | null; external_billing_id?: string | null;
  create_auto_order_service?: boolean; auto_order_service_external_billing_id?: string | null;
  user?: { username: string; email: string; first_name: string; last_name: string; password?: string; email_verified?: boolean; external_billing_id?: string };
}
export interface Client extends Required<Omit<NewClient, 'user'>> { id: number }
/** Contract compute §6.1. */
export interface NewInstance {
  name: string; region: string; flavor: string; nics: string[]; share_image?: boolean; /** For staff; end users have none to name. */ client?: number;
  boot_source: { source_type: 'image'; source_id: string; delete_on_termination?: boolean; create_new_volume?: boolean; volume_type?: string };
}
/** The keys of contract compute §6.2 that programs decide on; the answer has all 22. */
export interface Instance { id: string; uuid: string; name: string; status: string; display_status: string; display_task: string | null; locked: boolean; created: string; region: string; image: string | null; client: { id: number; name: string }; access_ip: string | null; allowed_actions: string[]; [more: string]: unknown }
/** Contract compute §10. */
export interface Operation { id: string; type: string; status: 'pending' | 'running' | 'completed' | 'failed' | 'canceled'; progress: number; steps: { name: string; status: string }[]; primary_object: { type: string; id: string }; error: unknown; attempts: number; [more: string]: unknown }
/** What an accepted change answers; `operationId` can be followed by `operations.get`. */
export interface Accepted { detail: string; operationId?: string }
export interface CallerInfo { id: number; username: string; [more: string]: unknown }

export interface ComputeClientOptions extends CallerOptions { /** `staffapi` for staff, `api` for end users. */ area?: 'staffapi' | 'api' | undefined }

/** Calls compute as staff or as an end user. Every function throws ApiError. */
export const createComputeClient = ({ area = 'staffapi', ...options }: ComputeClientOptions) => {
  const call = createCaller({ scheme: 'token', ...options });
  const get = async <T>(path: string, { params, query, ...more }: CallOptions & { params?: Record<string, string | number>; query?: ListQuery | undefined } = {}): Promise<T> =>
    (await call<T>({ method: 'get', path: `/${area}${path}`, params, query, ...more })).body;
  const accepted = async (method: 'post' | 'delete', path: string, params: Record<string, string | number>, more: CallOptions, body?: object): Promise<Accepted> => {
    const answer = await call<{ detail: string }>({ method, path: `/${area}${path}`, params, body, ...more });
    const operationId = answer.headers['x-operation-id'];
    return { detail: answer.body.detail, ...(operationId !== undefined && { operationId }) };
  };
  const readList = <T>(path: string) => (query?: ListQuery, more: CallOptions = {}): Promise<ComputePage<T>> => get<ComputePage<T>>(path, { query, ...more });
  return {
    close: call.close,
    clients: {
      list: readList<Record<string, unknown> & { id: number; name: string; status: string }>('/clients'),
      get: (id: number, more: CallOptions = {}) => get<Client & Record<string, unknown>>('/clients/:id', { params: { id }, ...more }),
      create: async (client: NewClient, more: CallOptions & { idempotencyKey?: string } = {}) => (await call<Client>({ method: 'post', path: `/${area}/clients`, body: client, ...keyed(more) })).body,
      update: async (id: number, changes: Partial<NewClient>, more: CallOptions = {}) => (await call<Client>({ method: 'patch', path: `/${area}/clients/:id`, params: { id }, body: changes, ...more })).body,
      delete: async (id: number, more: CallOptions & { deleteCloudResources?: boolean } = {}): Promise<void> => {
        const { deleteCloudResources, ...rest } = more;
        await call({ method: 'delete', path: `/${area}/clients/:id`, params: { id }, query: deleteCloudResources ? { delete_cloud_resources: 'true' } : {}, ...rest });
      },
      suspend: (id: number, more: CallOptions = {}) => accepted('post', '/clients/:id/suspend', { id }, more),
      resume: (id: number, more: CallOptions = {}) => accepted('post', '/clients/:id/resume', { id }, more),
    },
    instances: {
      list: readList<Instance>('/openstack/instances'),
      get: (id: string, more: CallOptions = {}) => get<Instance>('/openstack/instances/:id', { params: { id }, ...more }),
      /** With an `idempotencyKey` the call is repeated after network errors and still makes one instance (contract compute §1 T10). */
      create: async (instance: NewInstance, more: CallOptions & { idempotencyKey?: string } = {}): Promise<Accepted & { id: string }> => {
        const answer = await call<{ detail: string; id: string }>({ method: 'post', path: `/${area}/openstack/instances`, body: instance, ...keyed(more) });
        const operationId = answer.headers['x-operation-id'];
        return { detail: answer.body.detail, id: answer.body.id, ...(operationId !== undefined && { operationId }) };
      },
      /** Contract compute §6.5: `stop`, `start`, `reboot`, ... with the action's own body. */
      action: (id: string, action: string, body?: object, more: CallOptions = {}) => accepted('post', '/openstack/instances/:id/:action', { id, action }, more, body),
      stop: (id: string, more: CallOptions = {}) => accepted('post', '/openstack/instances/:id/stop', { id }, more),
      start: (id: string, more: CallOptions = {}) => accepted('post', '/openstack/instances/:id/start', { id }, more),
      delete: (id: string, more: CallOptions = {}) => accepted('delete', '/openstack/instances/:id', { id }, more),
    },
    regions: readList<{ id: string; enabled: boolean; [more: string]: unknown }>('/openstack/regions'),
    flavors: readList<{ id: string; name: string; region: string; vcpus: number; memory_mb: number; [more: string]: unknown }>('/openstack/flavors'),
    images: readList<{ id: string; name: string; status: string; region: string; [more: string]: unknown }>('/openstack/images'),
    networks: readList<{ id: string; name: string; region: string; [more: string]: unknown }>('/openstack/networks'),
    operations: {
      list: readList<Operation>('/operations'),
      get: (id: string, more: CallOptions = {}) => get<Operation>('/operations/:id', { params: { id }, ...more }),
    },
    currentUser: (more: CallOptions = {}) => get<CallerInfo>('/current-user', more),
  };
};
export type ComputeClient = ReturnType<typeof createComputeClient>;

/** A key makes a POST safe to repeat. */
const keyed = ({ idempotencyKey, ...more }: CallOptions & { idempotencyKey?: string }) =>
  ({ ...more, ...(idempotencyKey !== undefined && { headers: { 'Idempotency-Key': idempotencyKey }, repeatable: true }) });
