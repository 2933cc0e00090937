import { randomUUID } from 'node:crypto';
import type { ConcurrentDay, Instance } from '@nefos/client';
import { eventually, type Stack } from './stack.js';

/** A client of the portal, without what differs for each. */
export const JANE = {
  first_name: 'Jane',
  last_name: 'Doe',
  address1: '99 Elm St.',
  city: 'New York',
  state: 'NY',
  country: 'US',
  zip_code: '1000',
  phone: '9999999',
  create_auto_order_service: true,
};
/** Makes a client with its OpenStack service. @returns its id */
export const newClient = async (stack: Stack): Promise<number> =>
  (await stack.staff.clients.create({ ...JANE, email: `jane-${randomUUID()}@doe.example` })).id;

const parts = async (stack: Stack) => {
  const [region] = (await stack.staff.regions({ page_size: 100 })).objects.filter((one) => one.enabled);
  const first = <T extends { region: string }>(list: { objects: T[] }): T =>
    list.objects.find((one) => one.region === region!.id)!;
  return {
    region: region!.id,
    flavor: first(await stack.staff.flavors({ page_size: 100 })).id,
    image: first(await stack.staff.images({ page_size: 100 })).id,
    network: first(await stack.staff.networks({ page_size: 100 })).id,
  };
};
/** Requests an instance. @returns its id, once compute has accepted */
export const requestInstance = async (stack: Stack, client: number, name: string): Promise<string> =>
  (await stack.staff.instances.create(await requestBody(stack, client, name))).id;
/** The body of that request. */
export const requestBody = async (stack: Stack, client: number, name: string) => {
  const { region, flavor, image, network } = await parts(stack);
  return {
    name,
    region,
    flavor,
    client,
    nics: [network],
    boot_source: { source_type: 'image' as const, source_id: image },
  };
};
export const reaches = (stack: Stack, id: string, status: string, seconds = 20): Promise<Instance> =>
  eventually(
    `instance ${id} is ${status}`,
    async () => {
      const found = await stack.staff.instances.get(id);
      if (found.status === status && !found.display_task) return found;
      throw new Error(`${found.status} ${found.display_task ?? ''}\n${stack.logs('compute')}`);
    },
    seconds,
  );
/** The number of machines that the hypervisor has for an instance; a destroyed one is gone after its delay. */
export const machines = async (stack: Stack, id: string): Promise<number> =>
  (
    await stack.query<{ n: number }>(
      'compute',
      `select count(*)::int n from sim_machine
       where portal_id = $1 and not (coalesce(task, '') = 'deleting' and changes_at <= clock_timestamp())`,
      [id],
    )
  )[0]!.n;

/** A client's usage of today at metering. */
export const usage = async (
  stack: Stack,
  client: number,
): Promise<{ accounts: number; instances: number; today: ConcurrentDay }> => {
  const metering = stack.metering(String(client));
  try {
    const [accounts, instances, days] = await Promise.all([
      metering.accounts.list(),
      metering.instances.list(),
      metering.concurrent(),
    ]);
    return { accounts: accounts.meta.count, instances: instances.meta.count, today: days.data[0]! };
  } finally {
    metering.close();
  }
};
/** Waits until compute has sent all events to metering. */
export const settled = (stack: Stack): Promise<true> =>
  eventually('every event is sent', async () => {
    const [row] = await stack.query<{ n: number; refused: number }>(
      'compute',
      'select count(*)::int n, count(refused_at)::int refused from outbox',
    );
    if (row!.refused) throw new Error(`${row!.refused} events refused`);
    return row!.n === 0;
  });
