import type { Contract } from '@nefos/contracts';
import { sql } from '@nefos/service-kit';
import { facadeVolumeEndpoints } from '../../src/facade-volume/api/endpoints.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';
import { useStorage } from '../volumes/volume-support.js';

const contracts: readonly Contract[] = facadeVolumeEndpoints.map(({ contract }) => contract);
const guarded = contracts.filter(({ access }) => access !== 'public');
const VERSION = 'volume 3.67';
/** What tells nobody's secrets, what has no rows, and what is of administrators: a stranger gets it as anybody does. */
const OF_EVERYBODY = new RegExp(
  '/(types|os-quota-class-sets|os-quota-sets|messages|qos-specs|group|consist|cgsnap|volume-transfers|' +
    'os-volume-transfer|clusters|default-types)',
);

describe('who may use the block storage API', () => {
  const cloud = useStorage();
  const face = useFaces(cloud.service);
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    ids.volumes = await cloud.volume();
    ids.snapshots = await cloud.snapshot(ids.volumes);
    ids.backups = await cloud.backup(ids.volumes);
    const server = await cloud.build();
    const attached = await cloud.volume();
    await cloud.attach(server, attached);
    const { db } = cloud.service;
    const [row] = await sql<{ id: string }>(db, 'select id from volume_attachment where volume_id = $1', [attached]);
    ids.attachments = row?.id ?? '';
  });
  const pathOf = ({ path }: Contract): string => {
    const [, , , things = ''] = path.split('/');
    return path
      .replace(':id', ids[things] ?? '0b0b0b0b-0000-4000-8000-000000000000')
      .replace(':key', 'a')
      .replace(':project', face.project);
  };
  const send = (as: FaceAs, contract: Contract) => {
    const { method } = contract;
    const path = pathOf(contract);
    if (method === 'get' || method === 'delete') return as[method](path, VERSION);
    return as[method as 'post' | 'put'](path, {}, VERSION);
  };
  const state = () =>
    sql(
      cloud.service.db,
      `select 'v' kind, to_jsonb(x) from volume x union all select 's', to_jsonb(x) from volume_snapshot x
      union all select 'b', to_jsonb(x) from volume_backup x union all select 't', to_jsonb(x) from volume_type x
      union all select 'a', to_jsonb(x) from volume_attachment x union all select 'p', to_jsonb(x) from project x
      order by 1, 2`,
    );

  it.each(['nobody', 'garbage'] as const)('401: %s, everywhere', async (who) => {
    for (const contract of guarded)
      expect([contract.path, (await send(face[who], contract)).status]).toEqual([contract.path, 401]);
  });
  it.each(['unscoped', 'component'] as const)('403: %s, everywhere', async (who) => {
    for (const contract of guarded)
      expect([contract.path, (await send(face[who], contract)).status]).toEqual([contract.path, 403]);
  });
  it('403: a token that only reads changes nothing', async () => {
    const before = await state();
    for (const contract of guarded.filter(({ method }) => method !== 'get'))
      expect([contract.path, (await send(face.reader, contract)).status]).toEqual([contract.path, 403]);
    expect(await state()).toEqual(before);
  });
  it.each(['stranger', 'homeless'] as const)(
    '404: %s does not see what others have, and changes nothing',
    async (who) => {
      const before = await state();
      for (const contract of guarded) {
        const { status, text } = await send(face[who], contract);
        expect(status).toBeLessThan(500);
        for (const id of Object.values(ids))
          expect([contract.path, text.replaceAll(pathOf(contract), '').includes(`"id":"${id}"`)]).toEqual([
            contract.path,
            false,
          ]);
        const named = contract.path.includes(':') && !OF_EVERYBODY.test(contract.path);
        if (named && (contract.method === 'get' || contract.method === 'delete'))
          expect([contract.path, status]).toEqual([contract.path, 404]);
      }
      expect(await state()).toEqual(before);
    },
  );
  it('a body that is empty changes nothing, whoever sends it', async () => {
    const before = await state();
    for (const contract of guarded.filter(({ method }) => method === 'post' || method === 'put'))
      for (const as of [face.user, face.staff, face.staffInside]) {
        const { status } = await send(as, contract);
        expect([contract.path, status < 500]).toEqual([contract.path, true]);
      }
    expect(await state()).toEqual(before);
  });
});
