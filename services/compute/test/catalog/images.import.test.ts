import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import { sql } from '@nefos/service-kit';
import { listening } from '@nefos/testing';
import { loadCloudFixture } from '../../src/catalog/store/demo.js';
import { createImageSource } from '../../src/ports/image-source.js';
import { parsePeers } from '@nefos/service-kit';
import { tasks } from '../../src/jobs.js';
import { useService, log } from '../support.js';
import { makeImage, newImage, STAFF, USER } from './image-support.js';

const DATA = Buffer.alloc(300_000, 'x');
const SHA256 = createHash('sha256').update(DATA).digest('hex');

describe('import of images', () => {
  const service = useService();
  let server: Awaited<ReturnType<typeof listening>>;
  let answer: (req: http.IncomingMessage, res: http.ServerResponse) => void;
  const get = async (id: string) =>
    (await service.user.get(`${USER}/${id}`).expect(200)).body as { status: string; fault: { message: string } | null };
  const begin = async (more: object = {}): Promise<string> => {
    const body = newImage({ url: `${server.base}/one.img`, ...more });
    return ((await service.user.post(`${USER}/import`, body).expect(201)).body as { id: string }).id;
  };
  const attempt = (id: string, n: number, signal = new AbortController().signal): Promise<void> =>
    (tasks(service.ctx)['image.import'] as (payload: object, job: object) => Promise<void>)(
      { id },
      { signal, attempt: n, maxAttempts: 25, log },
    );
  const jobs = (id: string) =>
    sql(service.db, `select attempts from graphile_worker.jobs where key = $1`, [`image.import:${id}`]);
  beforeAll(async () => {
    await loadCloudFixture(service.db);
    server = await listening(http.createServer((req, res) => answer(req, res)));
  });
  beforeEach(() => {
    answer = (_req, res) => res.end(DATA);
  });
  afterEach(() => sql(service.db, 'delete from graphile_worker._private_jobs'));
  afterAll(() => server.close());

  it('201: importing, then active with data and digests; the address is shown nowhere and forgotten', async () => {
    const id = await begin({ sha256: SHA256.toUpperCase(), url: `${server.base}/one.img?secret=s3cret` });
    expect(await get(id)).toMatchObject({ status: 'importing' });
    expect((await service.staff.get(`${STAFF}/${id}`)).text).not.toContain('s3cret');
    await service.work();
    expect(await get(id)).toMatchObject({ status: 'active', size: DATA.length, sha256: SHA256, fault: null });
    const back = await service.user.get(`${USER}/${id}/file`).buffer(true).expect(200);
    expect((back.body as Buffer).equals(DATA)).toBe(true);
    expect(await sql(service.db, 'select import_url from image where id = $1', [id])).toEqual([{ import_url: null }]);
  });
  it('200: into an image that is queued; 409 into another', async () => {
    const id = await makeImage(service);
    const from = { url: `${server.base}/one.img` };
    expect((await service.user.post(`${USER}/${id}/import`, from).expect(200)).body).toMatchObject({
      status: 'importing',
    });
    await service.user.post(`${USER}/${id}/import`, from).expect(409);
    await service.work();
    expect(await get(id)).toMatchObject({ status: 'active' });
    await service.stranger.post(`${USER}/${id}/import`, from).expect(404);
  });
  it.each([
    [{ url: 'file:///etc/passwd' }, 'url'],
    [{ url: 'http://user:password@example.com/x' }, 'url'],
    [{ url: 'http://example.com:22/x' }, 'url'],
    [{ url: null }, 'url'],
    [{ sha256: 'abc' }, 'sha256'],
  ])('400: %j', async (more, field) => {
    const body = newImage({ url: 'http://example.com/x', ...more });
    const { body: refused } = await service.user.post(`${USER}/import`, body).expect(400);
    expect(Object.keys(refused as object)).toEqual([field]);
  });
  it.each([
    ['another digest', { sha256: '0'.repeat(64) }, 'The data has another SHA-256 than was announced.'],
    ['another format', { disk_format: 'qcow2' }, 'The data is not in the format qcow2.'],
    ['nothing there', { url: '/404' }, 'The server answered 404.'],
    ['an internal address', { url: 'http://10.0.0.1/x' }, 'The address is not one of the Internet.'],
  ])('queued again at once with the reason: %s', async (_what, more: Record<string, string>, message) => {
    answer = (req, res) => (req.url === '/404' ? res.writeHead(404).end() : res.end(DATA));
    const usual = service.ctx.imageSource;
    if (more.url?.includes('localhost')) service.ctx.imageSource = createImageSource(parsePeers(''));
    try {
      const before = await readdir(service.imageDir).catch(() => []);
      const id = await begin({ ...more, ...(more.url?.startsWith('/') && { url: server.base + more.url }) });
      await attempt(id, 1);
      expect(await get(id)).toMatchObject({ status: 'queued', fault: { message } });
      expect(await readdir(service.imageDir).catch(() => [])).toEqual(before);
    } finally {
      service.ctx.imageSource = usual;
    }
  });
  it('an internal name fails as one that does not exist does: whether it exists is told to nobody', async () => {
    const usual = service.ctx.imageSource;
    service.ctx.imageSource = createImageSource(parsePeers(''));
    try {
      const faults: unknown[] = [];
      for (const url of ['http://localhost:1080/x', 'http://no-such-name.invalid:1080/x']) {
        const id = await begin({ url });
        await expect(attempt(id, 1)).rejects.toMatchObject({ code: 'import.unreachable' });
        await attempt(id, 5);
        const { status, fault } = (await get(id)) as { status: string; fault: { code: string; message: string } };
        faults.push([status, fault.code, fault.message]);
      }
      expect(faults[0]).toEqual([
        'queued',
        expect.any(String),
        'The server can not be reached: the name is not known.',
      ]);
      expect(faults[0]).toEqual(faults[1]);
    } finally {
      service.ctx.imageSource = usual;
    }
  });
  it('a server that does not answer is asked again, five times; then the image is queued', async () => {
    answer = (_req, res) => res.writeHead(503).end();
    const id = await begin();
    for (let n = 1; n < 5; n += 1) {
      await expect(attempt(id, n)).rejects.toMatchObject({ code: 'import.unreachable' });
      expect(await get(id)).toMatchObject({ status: 'importing' });
    }
    await attempt(id, 5);
    expect(await get(id)).toMatchObject({
      status: 'queued',
      fault: { message: 'The server can not be reached: it answers 503.' },
    });
    await attempt(id, 6); // a job that comes late does nothing
  });
  it('too much, announced or not, is not kept', async () => {
    const most = service.ctx.config.NEFOS_COMPUTE_IMAGE_BYTES;
    service.ctx.config.NEFOS_COMPUTE_IMAGE_BYTES = 1024;
    try {
      for (const headers of [{ 'Content-Length': String(DATA.length) }, undefined]) {
        answer = (_req, res) => res.writeHead(200, headers).end(DATA);
        const id = await begin();
        await attempt(id, 1);
        expect(await get(id)).toMatchObject({
          status: 'queued',
          fault: { message: 'The data has more than 1024 bytes.' },
        });
      }
    } finally {
      service.ctx.config.NEFOS_COMPUTE_IMAGE_BYTES = most;
    }
  });
  it('a server that sends too slowly is given up', async () => {
    const seconds = service.ctx.config.NEFOS_COMPUTE_IMPORT_SECONDS;
    service.ctx.config.NEFOS_COMPUTE_IMPORT_SECONDS = 0.3;
    answer = (_req, res) => res.writeHead(200).write('x');
    try {
      const id = await begin();
      await attempt(id, 1);
      expect(await get(id)).toMatchObject({ status: 'queued', fault: { message: 'The data did not come in time.' } });
    } finally {
      service.ctx.config.NEFOS_COMPUTE_IMPORT_SECONDS = seconds;
    }
  });
  it('a process that stops or dies in the middle: the next try has all of it, and nothing is left over', async () => {
    answer = (_req, res) => res.writeHead(200).write(DATA);
    const id = await begin();
    const stopping = new AbortController();
    const broken = attempt(id, 1, stopping.signal);
    setTimeout(() => stopping.abort(new Error('the process stops')), 300);
    await expect(broken).rejects.toThrow('the process stops');
    expect(await get(id)).toMatchObject({ status: 'importing' });
    // As if it had died: its row and file are there, and the job is lost.
    const dataId = crypto.randomUUID();
    await sql(service.db, 'insert into image_data (id, image_id) values ($1, $2)', [dataId, id]);
    await sql(service.db, 'update image set data_id = $2 where id = $1', [id, dataId]);
    await sql(service.db, 'delete from graphile_worker._private_jobs');
    answer = (_req, res) => res.end(DATA);
    expect(await service.sweep('images.importing')).toBe(1);
    expect((await jobs(id)).length).toBe(1);
    await service.work();
    await service.sweep('images.data');
    expect(await get(id)).toMatchObject({ status: 'active', sha256: SHA256 });
    expect(await sql(service.db, 'select state from image_data where image_id = $1', [id])).toEqual([
      { state: 'live' },
    ]);
  });
  it('an image that is deleted during its import takes the import with it', async () => {
    answer = (_req, res) => {
      res.writeHead(200).write(DATA);
      setTimeout(() => res.end(), 500);
    };
    const id = await begin();
    const running = attempt(id, 1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await service.user.delete(`${USER}/${id}`).expect(204);
    await running.catch(() => undefined);
    await service.work();
    expect(await sql(service.db, 'select 1 from image where id = $1', [id])).toEqual([]);
    expect(await sql(service.db, 'select 1 from image_data where image_id = $1', [id])).toEqual([]);
  });
  it('staff do not import what the hypervisor has already', async () => {
    const body = newImage({ url: 'http://example.com/x', backend_id: 'b' });
    await service.staff
      .post(`${STAFF}/import`, body)
      .expect(400, { backend_id: ['What the hypervisor has already is not imported.'] });
  });
});
