import { addAttributes } from '../../src/runs/domain/records.js';
import { useService } from '../support.js';
import { messageOf, portsOf, report, runOf, send, setState, waitingNode, newMac, type Waiting } from './support.js';

const service = useService();
/** The machine is known by these, too. */
const alsoKnownBy = (m: Waiting, ...macs: string[]) =>
  service.db.transaction((tx) =>
    addAttributes(
      tx,
      m.uuid,
      macs.map((value) => ({ kind: 'mac', value })),
    ),
  );

it('400: a tie, naming both nodes; neither run is touched', async () => {
  const [a, b] = [await waitingNode(service), await waitingNode(service)];
  await alsoKnownBy(b, b.mac);
  const res = await send(service, report({ ...b, bmc: a.bmc }));
  expect(res.status).toBe(400);
  expect(messageOf(res)).toContain(a.uuid);
  expect(messageOf(res)).toContain(b.uuid);
  expect([(await runOf(service, a.uuid)).state, (await runOf(service, b.uuid)).state]).toEqual(['waiting', 'waiting']);
});
it('200: rows count: two MACs outweigh one BMC address; the run is flagged', async () => {
  const [a, b] = [await waitingNode(service), await waitingNode(service)];
  await alsoKnownBy(b, b.mac, b.mac2);
  const res = await send(service, report({ ...b, bmc: a.bmc }));
  expect(res.body).toEqual({ uuid: b.uuid });
  expect((await runOf(service, a.uuid)).state).toBe('waiting');
  expect((await runOf(service, b.uuid)).warnings.join()).toContain(a.uuid);
});
it('200: MACs of all interfaces count, in any spelling, and ports get the lower case', async () => {
  const m = await waitingNode(service);
  await alsoKnownBy(m, m.mac2);
  const body = report(
    { ...m, mac: m.mac.toUpperCase(), mac2: m.mac2.toUpperCase().replaceAll(':', '-') },
    { inventory: { bmc_address: '' } },
  );
  expect((await send(service, body)).body).toEqual({ uuid: m.uuid });
  expect((await portsOf(service, m.uuid)).map(({ address }) => address)).toEqual([m.mac]);
});
it('200: IPv6 of a BMC, whatever its spelling and prefix', async () => {
  const m = await waitingNode(service);
  await service.db.transaction((tx) => addAttributes(tx, m.uuid, [{ kind: 'bmc_address', value: '2001:db8::1:5' }]));
  const inventory = { bmc_address: '0.0.0.0', bmc_v6address: '2001:0DB8:0:0::1:5/64' };
  expect((await send(service, report({ ...m, mac: newMac(), mac2: newMac() }, { inventory }))).body).toEqual({
    uuid: m.uuid,
  });
});
it('addresses that say nothing match nobody: unknown ones and loopback', async () => {
  const m = await waitingNode(service);
  await service.db.transaction((tx) =>
    addAttributes(
      tx,
      m.uuid,
      ['0.0.0.0', '::', '127.0.0.1', '::1'].map((value) => ({ kind: 'bmc_address', value })),
    ),
  );
  for (const inventory of [
    { bmc_address: '0.0.0.0', bmc_v6address: '::/0' },
    { bmc_address: '127.0.0.1', bmc_v6address: '::1' },
  ])
    expect((await send(service, report({ ...m, mac: newMac(), mac2: newMac() }, { inventory }))).status).toBe(400);
});
it('two reports of one machine at once: one 200, the other refused; saved once', async () => {
  const m = await waitingNode(service);
  const both = await Promise.all([
    send(service, report(m)),
    send(service, report(m)).then(async (res) => res),
    // The second waits for the first: its run ends meanwhile.
    (async () => {
      for (;;) {
        if ((await runOf(service, m.uuid)).state === 'processing') return setState(service, m.uuid, 'finished');
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    })(),
  ]);
  const statuses = both.slice(0, 2).map((res) => (res as { status: number }).status);
  expect(statuses.sort()).toEqual([200, 400]);
  expect((await runOf(service, m.uuid)).phases.filter(({ phase }) => phase === 'callback seen')).toHaveLength(1);
});
it('200: a report waits until the node is no longer busy', async () => {
  const m = await waitingNode(service);
  await setState(service, m.uuid, 'starting');
  const answer = send(service, report(m));
  const waits = async (): Promise<void> => {
    // It has been read when a second one, of nobody, is answered.
    await send(service, '{}');
    await setState(service, m.uuid, 'waiting');
  };
  const [res] = await Promise.all([answer, waits()]);
  expect(res.status).toBe(200);
});
