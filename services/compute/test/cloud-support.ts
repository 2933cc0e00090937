import { sql } from '@nefos/service-kit';
import { loadCloudFixture } from '../src/catalog/store/demo.js';
import { useService, type As, type Service } from './support.js';

export const FLAVOR = 'fd6ebb42-f305-4eb7-b086-fcce39bc761f';
export const IMAGE = 'b8e54aa5-eca9-454a-adaf-00fbc659755e';
export const NETWORK = 'd9f9ca07-3ce5-435e-8aa2-a7302697025d';
export const STAFF = '/staffapi/openstack/instances';
export const USER = '/api/openstack/instances';

/** The seed's own request. */
export const createBody = (more: object = {}) => ({
  region: 'Region1',
  share_image: false,
  nics: [NETWORK],
  name: 'newinstance',
  flavor: FLAVOR,
  boot_source: {
    source_type: 'image',
    source_id: IMAGE,
    delete_on_termination: false,
    create_new_volume: false,
    volume_type: '',
  },
  ...more,
});

export interface Cloud {
  readonly service: Service;
  /** Asks for an instance as staff. @returns its id and operation */
  ask(more?: object, client?: number): Promise<{ id: string; operation: string }>;
  /** Asks for one and lets the jobs build it. */
  build(more?: object, client?: number): Promise<string>;
  /** Runs jobs until none is due. */
  work(): Promise<void>;
  row<T extends object = { vm_state: string; task_state: string | null; power_state: number; operation_id: string }>(
    id: string,
  ): Promise<T>;
  /** Simulated machines of an instance, and how often each has booted. */
  machines(id: string): Promise<{ boots: number }[]>;
  /** Types of the events told of an instance, in order, with their numbers. */
  events(id: string): Promise<{ type: string; sequence: number; occurred_at: string }[]>;
  act(id: string, action: string, body?: object, as?: As): ReturnType<As['post']>;
}

/** The service with the golden fixture's region and a worker that runs on demand. */
export const useCloud = (): Cloud => {
  const service = useService();
  beforeAll(() => loadCloudFixture(service.db));
  // Each test begins without jobs of the one before.
  afterEach(() => sql(service.db, 'delete from graphile_worker._private_jobs'));
  const cloud: Cloud = {
    service,
    ask: async (more = {}, client = service.ownClient) => {
      const res = await service.staff.post(STAFF, createBody({ client, ...more }));
      if (res.status !== 201) throw new Error(`${res.status} ${res.text}`);
      return { id: (res.body as { id: string }).id, operation: String(res.headers['x-operation-id']) };
    },
    build: async (more, client) => {
      const { id } = await cloud.ask(more, client);
      await cloud.work();
      return id;
    },
    work: () => service.work(),
    row: async (id) => (await sql(service.db, 'select * from instance where id = $1', [id]))[0] as never,
    machines: (id) =>
      sql(
        service.db,
        `select boots from sim_machine where portal_id = $1 and (task is distinct from 'deleting' or changes_at > now())`,
        [id],
      ),
    events: async (id) =>
      (
        await sql<{ payload: { type: string; sequence: number; occurred_at: string } }>(
          service.db,
          'select payload from outbox where aggregate = $1 order by id',
          [`instance:${id}`],
        )
      ).map(({ payload: { type, sequence, occurred_at: at } }) => ({ type, sequence, occurred_at: at })),
    act: (id, action, body, as = service.staff) => as.post(`${STAFF}/${id}/${action}`, body),
  };
  return cloud;
};
