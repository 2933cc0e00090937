import { randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import http from 'node:http';
import { createFastServer, parsePeers, sql } from '@nefos/service-kit';
import { listening } from '@nefos/testing';
import { createImageSource } from '../../src/ports/image-source.js';
import { useCloud } from '../cloud-support.js';
import { useFaces, type FaceAs } from '../facade/face-support.js';

const AT = '/image/v2/images';
const OCTETS = 'application/octet-stream';
type Image = Record<string, unknown> & { id: string; status: string };

describe('data of images in the image API', () => {
  const { service } = useCloud();
  const face = useFaces(service);
  let server: Awaited<ReturnType<typeof listening>>;
  beforeAll(async () => {
    server = await listening(createFastServer(service.app));
  });
  afterAll(() => server.close());
  const make = async (attributes: object = {}): Promise<string> =>
    ((await face.user.post(AT, { name: 'data', disk_format: 'raw', ...attributes }).expect(201)).body as Image).id;
  const get = async (id: string): Promise<Image> => (await face.user.get(`${AT}/${id}`).expect(200)).body as Image;
  const put = (id: string, data: Buffer | string, as: FaceAs = face.user) =>
    as.put(`${AT}/${id}/file`).set('Content-Type', OCTETS).send(Buffer.from(data));
  const down = (id: string, headers: Record<string, string> = {}) =>
    face.user.get(`${AT}/${id}/file`).set(headers).buffer(true);
  const active = async (data: Buffer | string): Promise<string> => {
    const id = await make();
    await put(id, data).expect(204);
    return id;
  };
  const files = async (): Promise<string[]> => (await readdir(service.imageDir).catch(() => [])).sort();
  const eventually = async (what: string, check: () => Promise<boolean>): Promise<void> => {
    for (let left = 200; !(await check()); left -= 1) {
      if (!left) throw new Error(`${what}: not in time`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  /** A request of which the body is sent, and the answer read, by hand. */
  const open = (method: string, id: string, headers: Record<string, string> = {}) => {
    const req = http.request(`${server.base}${AT}/${id}/file`, {
      method,
      agent: false,
      headers: { 'X-Auth-Token': face.user.token, 'Content-Type': OCTETS, ...headers },
    });
    const answer = new Promise<http.IncomingMessage>((resolve, reject) => {
      req.on('response', resolve);
      req.on('error', reject);
    });
    answer.catch(() => undefined);
    req.flushHeaders();
    return { req, answer };
  };
  const textOf = async (answer: http.IncomingMessage): Promise<string> => {
    const parts: Buffer[] = [];
    for await (const part of answer) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  };

  describe('a part of it', () => {
    const data = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
    let id = '';
    beforeAll(async () => {
      id = await active(data);
    });
    it.each([
      ['bytes=3-10', 'DEFGHIJK', '3-10'],
      ['bytes=0-0', 'A', '0-0'],
      ['bytes=20-', 'UVWXYZ', '20-25'],
      ['bytes=-4', 'WXYZ', '22-25'],
      ['bytes=24-99', 'YZ', '24-25'],
      ['bytes=-99', data, '0-25'],
    ])('206: %s', async (range, text, shown) => {
      const { headers, body } = await down(id, { Range: range }).expect(206);
      expect((body as Buffer).toString()).toBe(text);
      expect(headers).toMatchObject({ 'content-range': `bytes ${shown}/26`, 'content-length': String(text.length) });
      expect(headers).not.toHaveProperty('x-image-sha256');
    });
    it.each(['bytes=10-5', 'bytes=26-', 'bytes=-0', 'bytes=-', 'bytes=0-1,3-4', 'bytes=a-b', 'lines=1-2', 'bytes'])(
      '416: %s',
      async (range) => {
        const { body } = await face.user.get(`${AT}/${id}/file`).set('Range', range).expect(416);
        expect(body).toMatchObject({
          code: '416 Range Not Satisfiable',
          message: expect.stringContaining('26 bytes') as string,
        });
      },
    );
    it('200: without a range all of it; HEAD says how long it is', async () => {
      expect(((await down(id).expect(200)).body as Buffer).toString()).toBe(data);
      const { headers } = await face.user.head(`${AT}/${id}/file`).expect(200);
      expect(headers['content-length']).toBe('26');
    });
  });

  it('409: data of an image that has some, that others upload, or that is imported', async () => {
    const id = await make();
    const first = open('PUT', id, { 'Content-Length': '1000' });
    await eventually('saving', async () => (await get(id)).status === 'saving');
    const { body } = await put(id, 'other').expect(409);
    expect(body).toMatchObject({ code: '409 Conflict', message: 'Image status must be queued. Currently in saving' });
    first.req.end(Buffer.alloc(1000, 'f'));
    expect((await first.answer).statusCode).toBe(204);
    await put(id, 'other').expect(409);
    expect(((await down(id).expect(200)).body as Buffer).equals(Buffer.alloc(1000, 'f'))).toBe(true);
    await face.staff.post(`${AT}/${id}/actions/deactivate`).expect(204);
    await put(id, 'other').expect(409);
    const other = await make();
    const at = `${AT}/${other}/import`;
    const method = { name: 'web-download', uri: 'http://images.example.com/one.img' };
    await face.user.post(at, { method }).expect(202);
    await face.user.post(at, { method }).expect(409);
    await put(other, 'x').expect(409);
    await face.user.delete(`${AT}/${other}`).expect(204);
    await put(other, 'x').expect(404);
    await face.user.post(at, { method }).expect(404);
  });
  it('an upload that breaks off leaves the image queued and no file; the next one succeeds', async () => {
    const before = await files();
    const id = await make();
    const { req } = open('PUT', id, { 'Content-Length': '1000000' });
    req.write(Buffer.alloc(200_000));
    await eventually('a file', async () => (await files()).length === before.length + 1);
    req.destroy();
    await eventually('queued', async () => (await get(id)).status === 'queued');
    await eventually('no file', async () => (await files()).length === before.length);
    await down(id).expect(204);
    await put(id, 'data').expect(204);
    expect(await get(id)).toMatchObject({ status: 'active', size: 4 });
  });
  it('410: the image is deleted during its upload', async () => {
    const before = await files();
    const id = await make();
    const { req, answer } = open('PUT', id);
    req.write(Buffer.alloc(100_000));
    await eventually('saving', async () => (await get(id)).status === 'saving');
    await face.user.delete(`${AT}/${id}`).expect(204);
    await service.work();
    req.end(Buffer.alloc(100_000));
    const gone = await answer;
    expect(JSON.parse(await textOf(gone))).toMatchObject({ code: '410 Gone', title: 'Gone' });
    expect(gone.statusCode).toBe(410);
    expect(await files()).toEqual(before);
  });
  it('200: a download that has begun ends whole though the image is deleted meanwhile', async () => {
    const data = randomBytes(8_000_000);
    const id = await active(data);
    const { req, answer } = open('GET', id);
    req.end();
    const got = await answer;
    expect(got.statusCode).toBe(200);
    await face.user.delete(`${AT}/${id}`).expect(204);
    await service.work();
    expect(await sql(service.db, 'select 1 from image where id = $1', [id])).toEqual([]);
    const parts: Buffer[] = [];
    for await (const part of got) parts.push(part as Buffer);
    expect(Buffer.concat(parts).equals(data)).toBe(true);
    await down(id).expect(404);
  });
  it('413: one image too large, announced or not; more than the project may have', async () => {
    const { config } = service.ctx;
    const [one, project] = [config.NEFOS_COMPUTE_IMAGE_BYTES, config.NEFOS_COMPUTE_IMAGE_PROJECT_BYTES];
    const id = await make();
    try {
      config.NEFOS_COMPUTE_IMAGE_BYTES = 10_000;
      expect((await open('PUT', id, { 'Content-Length': '10001' }).answer).statusCode).toBe(413);
      const chunked = open('PUT', id);
      chunked.req.end(Buffer.alloc(10_001));
      expect((await chunked.answer).statusCode).toBe(413);
      config.NEFOS_COMPUTE_IMAGE_BYTES = one;
      config.NEFOS_COMPUTE_IMAGE_PROJECT_BYTES = 1024;
      await put(id, Buffer.alloc(1025)).expect(413);
    } finally {
      Object.assign(config, { NEFOS_COMPUTE_IMAGE_BYTES: one, NEFOS_COMPUTE_IMAGE_PROJECT_BYTES: project });
    }
    expect((await get(id)).status).toBe('queued');
    await put(id, 'x').expect(204);
  });
  it('100, 204: who waits for it hears that the data is wanted; 417: another expectation', async () => {
    const id = await make();
    const { req, answer } = open('PUT', id, { Expect: '100-continue', 'Content-Length': '4' });
    await new Promise((resolve) => req.once('continue', resolve as () => void));
    req.end('data');
    expect((await answer).statusCode).toBe(204);
    const other = await make();
    const refused = open('PUT', other, { Expect: 'something', 'Content-Length': '4' });
    expect((await refused.answer).statusCode).toBe(417);
    expect((await get(other)).status).toBe('queued');
  });
  it.each([{ 'Content-Type': 'application/json' }, { 'Content-Type': OCTETS, 'Content-Encoding': 'gzip' }])(
    '415: %j',
    async (headers) => {
      const id = await make();
      const { body } = await face.user.put(`${AT}/${id}/file`).set(headers).send('{}').expect(415);
      expect(body).toMatchObject({ code: '415 Unsupported Media Type' });
      expect((await get(id)).status).toBe('queued');
    },
  );
  it('400: nothing, and what is no image of its format', async () => {
    const id = await make({ disk_format: 'qcow2' });
    await face.user.put(`${AT}/${id}/file`).set('Content-Type', OCTETS).expect(400);
    expect((await put(id, 'no image').expect(400)).body).toMatchObject({
      message: 'The data is not in the format qcow2.',
    });
    expect((await get(id)).status).toBe('queued');
  });
  it('404: data of an image that is not there, or is another’s', async () => {
    await put(randomUUID(), 'x').expect(404);
    await put('cirros', 'x').expect(404);
    const id = await make();
    expect((await put(id, 'x', face.stranger).expect(404)).body).toMatchObject({
      message: `Failed to find image ${id}`,
    });
  });
  it('queued again: an import from an address inside of the network, and one of which the process dies', async () => {
    const usual = service.ctx.imageSource;
    service.ctx.imageSource = createImageSource(parsePeers(''));
    try {
      const before = await files();
      for (const uri of [
        `${server.base}/x`,
        'http://169.254.169.254/latest',
        'http://[::1]:80/x',
        'http://10.0.0.1/x',
      ]) {
        const id = await make();
        await face.user.post(`${AT}/${id}/import`, { method: { name: 'web-download', uri } }).expect(202);
        await service.work();
        expect(await get(id)).toMatchObject({
          status: 'queued',
          os_glance_failed_import: 'file',
          nefos_fault: 'The address is not one of the Internet.',
        });
        await down(id).expect(204);
      }
      expect(await files()).toEqual(before);
    } finally {
      service.ctx.imageSource = usual;
    }
  });
});
