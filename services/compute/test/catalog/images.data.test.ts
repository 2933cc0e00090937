import { createHash, randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { createFastServer, sql, UPLOAD_PACE } from '@nefos/service-kit';
import { listening } from '@nefos/testing';
import { loadCloudFixture } from '../../src/catalog/store/demo.js';
import { useService } from '../support.js';
import { makeActive, makeImage, OCTETS, qcow2, STAFF, USER } from './image-support.js';

const sha256 = (data: Buffer): string => createHash('sha256').update(data).digest('hex');

describe('data of images', () => {
  const service = useService();
  let server: Awaited<ReturnType<typeof listening>>;
  const files = async (): Promise<string[]> => (await readdir(service.imageDir)).sort();
  const put = (id: string, data: Buffer | string, as = service.user) =>
    as.put(`${USER}/${id}/file`).set(OCTETS).send(Buffer.from(data));
  const get = async (id: string) =>
    (await service.user.get(`${USER}/${id}`).expect(200)).body as { status: string; fault: { message: string } | null };
  const eventually = async (what: string, check: () => Promise<boolean>): Promise<void> => {
    for (let left = 200; !(await check()); left -= 1) {
      if (!left) throw new Error(`${what}: not in time`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  /** An upload of which the body is sent by hand. */
  const slowUpload = (id: string, headers: Record<string, string> = {}) => {
    const answer = { status: 0, text: '' };
    const req = http.request(`${server.base}${USER}/${id}/file`, {
      method: 'PUT',
      agent: false,
      headers: { ...OCTETS, Authorization: `Token ${service.tokens.user}`, ...headers },
    });
    const done = new Promise<typeof answer>((resolve) => {
      req.on('response', (res) => {
        res.on('data', (part: Buffer) => {
          answer.text += part.toString();
        });
        res.on('end', () => resolve({ ...answer, status: res.statusCode ?? 0 }));
      });
      req.on('error', () => resolve(answer));
    });
    req.flushHeaders();
    return { req, done };
  };
  beforeAll(async () => {
    await loadCloudFixture(service.db);
    server = await listening(createFastServer(service.app));
  });
  afterAll(() => server.close());

  it('200: uploaded, active with size and digests, downloaded as it was; HEAD says how long it is', async () => {
    const data = randomBytes(3_000_000);
    const id = await makeImage(service);
    const res = await put(id, data).expect(200);
    expect(res.body).toMatchObject({
      ...{ id, status: 'active', size: data.length, sha256: sha256(data) },
      sha512: createHash('sha512').update(data).digest('hex'),
    });
    const back = await service.user.get(`${USER}/${id}/file`).buffer(true).expect(200);
    expect(back.headers).toMatchObject({
      ...{ 'content-type': 'application/octet-stream', 'content-length': '3000000', 'x-image-sha256': sha256(data) },
      ...{ 'content-disposition': `attachment; filename="${id}"`, 'x-content-type-options': 'nosniff' },
    });
    expect(sha256(back.body as Buffer)).toBe(sha256(data));
    const head = await fetch(`${server.base}${USER}/${id}/file`, {
      method: 'HEAD',
      headers: { Authorization: `Token ${service.tokens.user}` },
    });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '3000000']);
    await service.stranger.get(`${USER}/${id}/file`).expect(404);
    await service.stranger.put(`${USER}/${id}/file`).set(OCTETS).send('x').expect(404);
  });
  it('415: another media type, or an encoding; 400: no data. The image stays queued', async () => {
    const id = await makeImage(service);
    for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
      await service.user
        .put(`${USER}/${id}/file`)
        .set('Content-Type', type)
        .send('{}')
        .expect(415, { detail: `Unsupported media type "${type}" in request.` });
    await service.user.put(`${USER}/${id}/file`).set(OCTETS).set('Content-Encoding', 'gzip').send('x').expect(415);
    await service.user.put(`${USER}/${id}/file`).set(OCTETS).expect(400, { detail: 'There is no data.' });
    expect(await get(id)).toMatchObject({ status: 'queued', fault: { message: 'There is no data.' } });
    await put(id, 'data').expect(200);
    expect(await get(id)).toMatchObject({ status: 'active', fault: null });
    const again = await put(id, 'other').expect(409);
    expect(again.body).toEqual({ detail: 'Image status must be queued. Currently in active' });
  });
  it('413: above the limit, announced or not, and nothing is left', async () => {
    const before = await files();
    const most = service.ctx.config.NEFOS_COMPUTE_IMAGE_BYTES;
    service.ctx.config.NEFOS_COMPUTE_IMAGE_BYTES = 100_000;
    try {
      const id = await makeImage(service);
      const announced = slowUpload(id, { 'Content-Length': '100001' });
      expect((await announced.done).status).toBe(413);
      const chunked = slowUpload(id);
      chunked.req.end(Buffer.alloc(100_001));
      expect((await chunked.done).status).toBe(413);
      expect(await get(id)).toMatchObject({ status: 'queued' });
      await put(id, Buffer.alloc(100_000)).expect(200);
    } finally {
      service.ctx.config.NEFOS_COMPUTE_IMAGE_BYTES = most;
    }
    expect((await files()).length).toBe(before.length + 1);
  });
  it('403: what a project may have together; staff see no other limit', async () => {
    const most = service.ctx.config.NEFOS_COMPUTE_IMAGE_PROJECT_BYTES;
    service.ctx.config.NEFOS_COMPUTE_IMAGE_PROJECT_BYTES = 1024;
    try {
      const res = await put(await makeImage(service), 'x').expect(403);
      expect([res.headers['x-error-code'], res.body]).toEqual([
        'quota_exceeded',
        { detail: expect.stringMatching(/^Quota exceeded for image bytes: already used \d+ of 1024 bytes$/) as string },
      ]);
    } finally {
      service.ctx.config.NEFOS_COMPUTE_IMAGE_PROJECT_BYTES = most;
    }
  });
  it('413: what is being uploaded counts, too, by what was announced', async () => {
    const most = service.ctx.config.NEFOS_COMPUTE_IMAGE_PROJECT_BYTES;
    const [first, second, third] = [await makeImage(service), await makeImage(service), await makeImage(service)];
    const [used] = await sql<{ bytes: string }>(
      service.db,
      `select coalesce(sum(m.size), 0)::text bytes from image m join project j on j.id = m.project_id
        join service s on s.id = j.service_id where s.client_id = $1 and m.data_id is not null`,
      [service.ownClient],
    );
    service.ctx.config.NEFOS_COMPUTE_IMAGE_PROJECT_BYTES = Number(used?.bytes) + 1_000_000;
    try {
      const { req, done } = slowUpload(first, { 'Content-Length': '900000' });
      await eventually('saving', async () => (await get(first)).status === 'saving');
      await put(second, Buffer.alloc(200_000)).expect(413);
      expect((await get(second)).status).toBe('queued');
      await put(second, Buffer.alloc(90_000)).expect(200);
      // What breaks off counts no more.
      req.destroy();
      await done;
      await eventually('queued', async () => (await get(first)).status === 'queued');
      await put(third, Buffer.alloc(200_000)).expect(200);
    } finally {
      service.ctx.config.NEFOS_COMPUTE_IMAGE_PROJECT_BYTES = most;
    }
  });
  it('409: of two uploads at once one wins, whole', async () => {
    const id = await makeImage(service);
    const data = [randomBytes(500_000), randomBytes(500_000)];
    const both = await Promise.all(data.map((one) => put(id, one)));
    expect(both.map((res) => res.status).sort()).toEqual([200, 409]);
    const winner = data[both.findIndex((res) => res.status === 200)] as Buffer;
    expect(both.find((res) => res.status === 200)?.body).toMatchObject({ sha256: sha256(winner) });
    const back = await service.user.get(`${USER}/${id}/file`).buffer(true).expect(200);
    expect((back.body as Buffer).equals(winner)).toBe(true);
  });
  it('409: a project has so many uploads at a time', async () => {
    const ids = await Promise.all(Array.from({ length: 16 }, () => makeImage(service)));
    const open = ids.map((id) => slowUpload(id, { 'Content-Length': '1000000' }));
    for (const id of ids) await eventually('saving', async () => (await get(id)).status === 'saving');
    const refused = await put(await makeImage(service), 'x').expect(409);
    expect(refused.headers['x-error-code']).toBe('busy');
    for (const { req } of open) req.destroy();
    for (const id of ids) await eventually('queued', async () => (await get(id)).status === 'queued');
  });
  it('an upload that breaks off leaves the image queued and no file', async () => {
    const before = await files();
    const id = await makeImage(service);
    const { req, done } = slowUpload(id, { 'Content-Length': '1000000' });
    req.write(Buffer.alloc(200_000));
    await eventually('saving', async () => (await get(id)).status === 'saving');
    await eventually('a file', async () => (await files()).length === before.length + 1);
    req.destroy();
    await done;
    await eventually('queued', async () => (await get(id)).status === 'queued');
    expect(await get(id)).toMatchObject({ fault: { message: 'The upload was interrupted.' } });
    await eventually('no file', async () => (await files()).length === before.length);
    await put(id, 'data').expect(200);
  });
  it('an upload that does not go on ends; the image is queued again', async () => {
    const pace = { ...UPLOAD_PACE };
    Object.assign(UPLOAD_PACE, { windowSeconds: 0.2 });
    try {
      const id = await makeImage(service);
      const { req, done } = slowUpload(id, { 'Content-Length': '1000000' });
      req.write(Buffer.alloc(1000));
      expect(await done).toEqual({ status: 400, text: '{"detail":"The upload did not go on."}' });
      expect(await get(id)).toMatchObject({ status: 'queued', fault: { message: 'The upload did not go on.' } });
    } finally {
      Object.assign(UPLOAD_PACE, pace);
    }
  });
  it('an image that is deleted during its upload takes the upload with it', async () => {
    const id = await makeImage(service);
    const { req, done } = slowUpload(id);
    req.write(Buffer.alloc(100_000));
    await eventually('saving', async () => (await get(id)).status === 'saving');
    await service.user.delete(`${USER}/${id}`).expect(204);
    await service.work();
    req.end(Buffer.alloc(100_000));
    expect(await done).toEqual({ status: 409, text: '{"detail":"The image was deleted or changed meanwhile."}' });
    expect(await sql(service.db, 'select 1 from image_data where image_id = $1', [id])).toEqual([]);
  });
  it('what a process left that died in an upload is cleared away: before its file, with half of it, with all of it', async () => {
    const before = await files();
    for (const left of [undefined, '.part', '']) {
      const id = await makeImage(service);
      const dataId = crypto.randomUUID();
      await sql(service.db, `update image set status = 'saving', data_id = $2 where id = $1`, [id, dataId]);
      await sql(service.db, 'insert into image_data (id, image_id) values ($1, $2)', [dataId, id]);
      if (left !== undefined) await writeFile(path.join(service.imageDir, dataId + left), 'half');
      await service.sweep('images.data');
      expect(await get(id)).toMatchObject({ status: 'saving' });
      await sql(service.db, `update image_data set touched_at = now() - interval '2 minutes' where id = $1`, [dataId]);
      await service.sweep('images.data');
      expect(await get(id)).toMatchObject({ status: 'queued', fault: { message: 'The upload was interrupted.' } });
      expect(await files()).toEqual(before);
      expect(await sql(service.db, 'select 1 from image_data where id = $1', [dataId])).toEqual([]);
    }
  });
  it('a sweep leaves live data alone, whatever its age, and files that it does not know', async () => {
    const id = await makeActive(service);
    await sql(service.db, `update image_data set touched_at = now() - interval '1 year' where image_id = $1`, [id]);
    await writeFile(path.join(service.imageDir, 'somebody-elses-file'), 'x');
    await service.sweep('images.data');
    await service.user.get(`${USER}/${id}/file`).expect(200);
    expect(await files()).toContain('somebody-elses-file');
  });
  it('the data goes with the image', async () => {
    const before = await files();
    const id = await makeActive(service);
    expect((await files()).length).toBe(before.length + 1);
    await service.user.delete(`${USER}/${id}`).expect(204);
    await sql(service.db, 'delete from graphile_worker._private_jobs');
    await service.sweep('images.deleting');
    await service.work();
    expect(await files()).toEqual(before);
  });
  it('400: data in another format; data that would have the hypervisor read other files', async () => {
    const kinds = [
      ['qcow2', Buffer.from('no image'), 'The data is not in the format qcow2.'],
      ['raw', qcow2(), 'The data is not in the format raw: it is qcow2.'],
      ['qcow2', qcow2({ backing: 512n }), 'The image refers to other files, which are not part of it.'],
      ['qcow2', qcow2({ features: 4n }), 'The image refers to other files, which are not part of it.'],
      ['vmdk', Buffer.from('# Disk DescriptorFile\n'), 'The image refers to other files, which are not part of it.'],
    ] as const;
    for (const [format, data, detail] of kinds)
      await put(await makeImage(service, { disk_format: format }), data).expect(400, { detail });
    const big = await put(await makeImage(service, { disk_format: 'qcow2' }), qcow2({ size: 3n * 2n ** 30n + 1n }));
    expect(big.body).toMatchObject({ status: 'active', virtual_size: 3 * 2 ** 30 + 1, min_disk: 4 });
  });
  it('staff upload images of the cloud, which everybody downloads', async () => {
    const made = await service.staff.post(STAFF, { name: 'public', region: 'Region1', disk_format: 'raw' }).expect(201);
    const { id } = made.body as { id: string };
    await service.staff.put(`${STAFF}/${id}/file/`).set(OCTETS).send('data').expect(200);
    expect((await service.stranger.get(`${USER}/${id}/file`).buffer(true).expect(200)).body).toEqual(
      Buffer.from('data'),
    );
    await service.stranger.put(`${USER}/${id}/file`).set(OCTETS).send('x').expect(403);
  });
  it('401 and 404 come before the body is read, and 431 for giant headers', async () => {
    const ask = (head: string) =>
      new Promise<string>((resolve) => {
        const socket = net.connect(Number(new URL(server.base).port), '127.0.0.1', () => socket.write(head));
        let text = '';
        socket.on('data', (part: Buffer) => {
          text += part.toString();
        });
        socket.on('close', () => resolve(text));
        socket.on('error', () => resolve(text));
        setTimeout(() => socket.destroy(), 5000).unref();
      });
    const head = (id: string, more: string) =>
      `PUT ${USER}/${id}/file HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\nContent-Length: 99999999\r\n${more}\r\n\r\n`;
    const token = `Authorization: Token ${service.tokens.user}`;
    expect(await ask(head(crypto.randomUUID(), 'X: y'))).toMatch(/^HTTP\/1\.1 401/);
    expect(await ask(head(crypto.randomUUID(), token))).toMatch(/^HTTP\/1\.1 404/);
    expect(await ask(head(crypto.randomUUID(), `${token}\r\nX-Big: ${'a'.repeat(100_000)}`))).toMatch(
      /^HTTP\/1\.1 431/,
    );
  });
});
