import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sql } from '@nefos/service-kit';
import { useCli, type Row, type Said } from './cli-support.js';
import { useCloud } from './cloud-support.js';

const root = path.resolve(__dirname, '../../..');

describe('npm run nefos -- region, flavor, network, ...', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const { nefos, rows, one, refused } = useCli(service);
  /** The same as the operator types it. */
  const typed = (...args: string[]): Promise<Said> =>
    new Promise((resolve) => {
      const env = { PATH: process.env.PATH ?? '', NEFOS_COMPUTE_DATABASE_URL: service.url };
      execFile(process.execPath, ['scripts/nefos.mjs', ...args], { cwd: root, env }, (failure, out, err) =>
        resolve({ code: Number(failure?.code ?? 0), out, err }),
      );
    });
  it('an empty cloud is filled, changed and emptied again', async () => {
    expect(await one('region', 'add', 'North', '--description', 'up there', '--volumes', 'no')).toMatchObject({
      id: 'North',
      description: 'up there',
      enable_volumes: false,
      driver: 'sim',
    });
    const group = await one('flavorgroup', 'add', 'Fast disks', '--priority', '3');
    const flavor = await one(
      ...['flavor', 'add', 'm1.small', '--region', 'North', '--vcpus', '2', '--memory', '512', '--disk', '5'],
      ...['--group', 'Fast disks', '--properties', '{"a":1}', '--stock-limit', '3'],
    );
    expect(flavor).toMatchObject({ vcpus: 2, memory_mb: 512, root_gb: 5, flavor_group: 'Fast disks', stock_limit: 3 });
    const network = await one('network', 'add', 'inner', '--region', 'North', '--shared', 'yes', '--default', 'yes');
    const subnet = await one(
      ...['subnet', 'add', '10.20.0.0/24', '--network', 'inner', '--name', 'inner-4', '--dns', '9.9.9.9'],
      ...['--pool', '10.20.0.10-10.20.0.99', '--route', '10.30.0.0/16=10.20.0.2'],
    );
    expect(subnet).toMatchObject({
      network_id: network.id,
      gateway_ip: '10.20.0.1',
      dns_nameservers: ['9.9.9.9'],
      allocation_pools: ['10.20.0.10-10.20.0.99'],
      host_routes: ['10.30.0.0/16=10.20.0.2'],
    });
    // What the command has made is what the API shows.
    const shown = (await service.staff.get(`/staffapi/openstack/flavors/${String(flavor.id)}`).expect(200)).body as Row;
    expect(shown).toMatchObject({ name: 'm1.small', flavor_group: { id: group.id }, properties: '{"a":1}' });

    expect((await rows('flavor', 'list', '--region', 'North')).map((row) => row.name)).toEqual(['m1.small']);
    expect((await nefos('network', 'list', '--search', 'inner')).out).toContain('inner');
    expect(await one('flavor', 'show', 'm1.small')).toEqual(await one('flavor', 'show', String(flavor.id)));

    expect(
      await one('flavor', 'set', 'm1.small', '--memory', '1024', '--group', 'none', '--stock-limit', 'none'),
    ).toMatchObject({ memory_mb: 1024, flavor_group: null, stock_limit: null, vcpus: 2 });
    expect(await one('subnet', 'set', 'inner-4', '--gateway', 'none', '--pool', 'none')).toMatchObject({
      gateway_ip: null,
      allocation_pools: ['10.20.0.1-10.20.0.254'],
      dns_nameservers: ['9.9.9.9'],
    });
    expect(await one('network', 'set', 'inner', '--mtu', '9000')).toMatchObject({ mtu: 9000, is_default: true });
    expect(await one('region', 'set', 'North', '--enabled', 'no')).toMatchObject({ enabled: false });
    expect(await one('flavorgroup', 'set', 'Fast disks', '--name', 'Slow disks')).toMatchObject({ name: 'Slow disks' });

    expect(await refused('region', 'delete', 'North')).toMatch(/^The region is used by \w+: delete those first\.$/);
    for (const args of [
      ['flavor', 'delete', 'm1.small'],
      ['flavorgroup', 'delete', 'Slow disks'],
      ['subnet', 'delete', 'inner-4'],
      ['network', 'delete', 'inner'],
      ['region', 'delete', 'North'],
    ])
      expect(await one(...args)).toMatchObject({ deleted: true });
    expect(await refused('region', 'show', 'North')).toBe('There is no such thing.');
  }, 120_000);
  it('bad words and values are one line, in the words of the API, and change nothing', async () => {
    const before = await rows('flavor', 'list');
    for (const [args, line] of [
      [['flavour', 'list'], /unknown command 'flavour'/],
      [['flavor', 'burn'], /unknown command 'burn'/],
      [['flavor', 'show'], /missing required argument 'flavor'/],
      [['flavor', 'show', 'nowhere'], /^there is no flavor nowhere$/],
      [['flavor', 'show', '00000000-0000-4000-8000-000000000000'], /^There is no such thing\.$/],
      [['flavor', 'add', 'x'], /required option '--region <region>' not specified/],
      [
        ['flavor', 'add', 'x', '--region', 'Region1', '--vcpus', 'two', '--stock-limit', '-1'],
        /^vcpus: A valid integer is required\.; memory_mb: This field is required\.; stock_limit: Ensure this value/,
      ],
      [
        ['flavor', 'add', 'x', '--region', 'nowhere', '--vcpus', '1', '--memory', '1', '--project', 'nobody'],
        /^region: Invalid pk "nowhere" - object does not exist\.; project_ids\.0: Invalid pk "nobody"/,
      ],
      [
        ['flavor', 'add', 'm1.tiny', '--region', 'Region1', '--vcpus', '1', '--memory', '1'],
        /^name: This field must be unique\.$/,
      ],
      [['flavor', 'set', 'm1.tiny', '--public', 'perhaps'], /yes or no/],
      [['flavor', 'list', '--limit', '501'], /a whole number from 1 to 500/],
      [['flavor', 'list', '--page', '9'], /^Invalid page\.$/],
      [['flavor', 'list', '--filter', 'color:red'], /^Invalid filter: color:red$/],
      [
        ['subnet', 'add', '192.168.41.0/24', '--network', 'private'],
        /^cidr: It overlaps with the subnet 192\.168\.40\.0\/21/,
      ],
      [['subnet', 'set', 'private-subnet', '--pool', '1-2-3'], /<start>-<end>/],
      [['operation', 'show', 'x'], /^There is no such thing\.$/],
      [['client', 'show', 'x'], /a whole number from 1 to/],
      [['network', 'list', 'more'], /too many arguments/],
    ] as const)
      expect(await refused(...args)).toMatch(line);
    expect(await rows('flavor', 'list')).toEqual(before);
  }, 120_000);
  it('as it is typed: rows, a refusal and a word too many, each with its status', async () => {
    const listed = await typed('region', 'list', '--json');
    expect([listed.code, listed.err, JSON.parse(listed.out)]).toEqual([
      0,
      '',
      [expect.objectContaining({ id: 'Region1' })],
    ]);
    expect(await typed('region', 'add', 'a/b')).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^id: Enter at most 64 letters[^\n]*\n$/) as string,
    });
    expect(await typed('region', 'lift')).toEqual({ code: 1, out: '', err: "error: unknown command 'lift'\n" });
  }, 60_000);
  it('watches clients, instances and operations, and retries what has failed', async () => {
    const { id, operation } = await cloud.ask({ name: 'watched\u001b[31m' });
    await sql(service.db, `update operation set status = 'failed', completed_at = now() where id = $1`, [operation]);
    await sql(
      service.db,
      `update instance set vm_state = 'error', task_state = null, operation_id = null where id = $1`,
      [id],
    );
    expect(await rows('instance', 'list')).toMatchObject([{ id, client: service.ownClient, status: 'error' }]);
    // What a user chose as a name does not steer the operator's terminal.
    expect((await nefos('instance', 'list')).out).not.toContain('\u001b[31m');
    expect(await one('instance', 'show', id)).toMatchObject({ id, flavor: 'm1.tiny', status: 'error' });
    expect(await refused('instance', 'show', 'nowhere')).toBe('there is no instance nowhere');
    expect(await rows('operation', 'list', '--filter', 'status:failed')).toMatchObject([
      { id: operation, instance: id },
    ]);
    const retried = await one('operation', 'retry', operation);
    expect(retried).toMatchObject({ type: 'instance.create', status: 'pending', created_by: 'operator', instance: id });
    await cloud.work();
    expect(await one('operation', 'show', String(retried.id))).toMatchObject({ status: 'completed' });
    expect(await cloud.row(id)).toMatchObject({ vm_state: 'active' });
    expect(await refused('operation', 'retry', operation)).toBe('The instance was built in the meantime.');
    expect(await one('client', 'show', String(service.ownClient))).toMatchObject({ id: service.ownClient });
    expect((await rows('client', 'list', '--ordering', 'id')).map((row) => row.id)).toEqual(
      [service.ownClient, service.otherClient].sort(),
    );
    expect(await one('image', 'show', 'cirros')).toMatchObject({ name: 'cirros', region: 'Region1' });
    expect(await rows('image', 'list', '--region', 'Region1')).toHaveLength(1);
    const client = String(service.ownClient);
    const volume = await one('volume', 'create', 'data', '--client', client, '--region', 'Region1', '--size', '2');
    expect(volume).toMatchObject({ name: 'data', status: 'creating', size: 2, client: service.ownClient });
    await cloud.work();
    expect(await one('volume', 'extend', String(volume.id), '3')).toMatchObject({ status: 'extending' });
    await cloud.work();
    expect(await rows('volume', 'list')).toMatchObject([{ id: volume.id, status: 'available', size: 3 }]);
    expect(await rows('operation', 'list', '--filter', 'type:volume.extend')).toMatchObject([
      { instance: null, on: `volume ${String(volume.id)}`, status: 'completed' },
    ]);
    await one('volume', 'delete', String(volume.id));
    await cloud.work();
    expect(await refused('volume', 'show', String(volume.id))).toBe('There is no such thing.');
    const cut = await nefos('client', 'list', '--limit', '1');
    expect([cut.code, cut.err]).toEqual([0, 'these are 1 of 2; the next ones: --page 2\n']);
  }, 120_000);

  it('an image is made of a file, of an address, or named; changed and deleted', async () => {
    const dir = mkdtempSync(path.join(os.tmpdir(), 'nefos-cli-'));
    const file = path.join(dir, 'disk.raw');
    writeFileSync(file, Buffer.alloc(70_000));
    const to = ['--region', 'Region1'];
    try {
      const made = await one(
        ...['image', 'add', 'plain', ...to, '--file', file, '--format', 'raw', '--min-ram', '64'],
        ...['--tag', 'a', '--tag', 'b', '--property', 'hw_disk_bus=scsi', '--distro', 'debian'],
      );
      expect(made).toMatchObject({
        ...{ name: 'plain', status: 'active', visibility: 'public', size: 70_000, min_ram: 64, tags: ['a', 'b'] },
        ...{ properties: { hw_disk_bus: 'scsi' }, os_distro: 'debian', project_id: null },
      });
      expect(await one('image', 'set', 'plain', '--name', 'bare', '--protected', 'yes', '--tag', 'none')).toMatchObject(
        {
          ...{ id: made.id, name: 'bare', protected: true, tags: [], min_ram: 64, properties: { hw_disk_bus: 'scsi' } },
        },
      );
      expect(await refused('image', 'delete', 'bare')).toContain('protected');
      expect(await one('image', 'set', 'bare', '--protected', 'no')).toMatchObject({ protected: false });
      expect(await one('image', 'delete', 'bare')).toEqual({ id: made.id, deleted: true });

      const known = await one('image', 'add', 'known', ...to, '--backend-id', 'cloud-1');
      expect(known).toMatchObject({ status: 'active', backend_id: 'cloud-1' });
      const fetched = await one('image', 'add', 'fetched', ...to, '--url', 'https://images.example.org/a.qcow2');
      expect(fetched).toMatchObject({ status: 'importing', disk_format: 'qcow2' });
      await one('image', 'delete', 'fetched');
      const owned = await one(
        ...['image', 'add', 'own', ...to, '--client', String(service.ownClient), '--file', file, '--format', 'raw'],
      );
      expect(owned).toMatchObject({ visibility: 'private', status: 'active' });

      // What is refused leaves no image.
      const names = (await rows('image', 'list')).map((row) => row.name);
      expect(await refused('image', 'add', 'x', ...to)).toBe(
        'say where its data is: one of --file, --url and --backend-id',
      );
      expect(await refused('image', 'add', 'x', ...to, '--file', path.join(dir, 'none'))).toContain('ENOENT');
      expect(await refused('image', 'add', 'x', ...to, '--file', dir)).toBe(`${dir} is no file`);
      expect(await refused('image', 'add', 'x', ...to, '--file', file)).toContain('qcow2');
      expect(await refused('image', 'add', 'x', '--region', 'Nowhere', '--file', file)).toMatch(/^region: /);
      expect(await refused('image', 'add', 'x', ...to, '--file', file, '--format', 'floppy')).toMatch(/^disk_format: /);
      expect(await refused('image', 'add', 'x', ...to, '--url', 'http://127.0.0.1:22/')).toMatch(/^url: /);
      expect(await refused('image', 'add', 'x', ...to, '--file', file, '--sha256', 'a')).toBe('--sha256 is for --url');
      expect((await rows('image', 'list')).map((row) => row.name)).toEqual(names);
    } finally {
      rmSync(dir, { recursive: true });
    }
  }, 60_000);
});
