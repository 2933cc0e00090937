import { Parser } from 'xml2js';
import { program } from '../../src/cli/program.js';
import { people, useService } from '../support.js';

describe('what is registered in the catalog', () => {
  const s = useService();
  const nefos = async (...args: string[]): Promise<unknown> => {
    const shown: unknown[] = [];
    const command = program(
      async () => ({ ctx: s.ctx, close: async () => undefined }),
      (rows) => shown.push(...rows),
    );
    await command.parseAsync(args, { from: 'user' });
    return shown;
  };
  const add = (url: string, ...data: string[]) =>
    nefos('endpoint', 'add', 'third', '--public-url', url, ...data.flatMap((one) => ['--data', one]));
  const catalog = async () => {
    const res = await s.api().post('/identity/v2.0/tokens').set('Accept', 'application/xml').expect(200);
    const parsed = (await new Parser({ xmlns: true }).parseStringPromise(res.text)) as {
      access: {
        serviceCatalog: {
          service: { $: { name: { value: string } }; endpoint?: { $: Record<string, { value: string }> }[] }[];
        }[];
      };
    };
    return parsed.access.serviceCatalog[0]?.service
      .find((one) => one.$.name.value === 'third')
      ?.endpoint?.map((e) => Object.fromEntries(Object.entries(e.$).map(([name, { value }]) => [name, value])));
  };
  const json = async () =>
    (await s.api().post('/identity/v2.0/tokens').expect(200)).body.access.serviceCatalog.find(
      (one: { name: string }) => one.name === 'third',
    )?.endpoints;
  beforeAll(async () => {
    await nefos('component', 'create', 'third party', '--url', 'https://third.example/ui');
    await nefos('service', 'register', 'third', '--type', 'third', '--component', 'third party');
    await add('https://third.example/v1', 'adminURL=/admin', 'SNF:exposeVersion=1', 'region=north');
  });

  it.each([
    'xmlns=http://www.w3.org/2000/xmlns/',
    'xmlns:SNF=urn:other',
    'XmlThing=x',
    'region=',
    'region= ',
    'region=a\u0007',
    'adminURL=',
    'adminURL=javascript:alert(1)',
    'internalURL=//elsewhere.example',
    'SNF:uiURL=ftp://x',
    'internalURL=http://a b',
    ' key=x',
    'a\nb=x',
    `${'k'.repeat(65)}=x`,
    `note=${'x'.repeat(2001)}`,
  ])('refused, and the endpoints stay: --data %j', async (data) => {
    const before = await json();
    expect(before).toHaveLength(1);
    await expect(add('https://third.example/v2', data)).rejects.toMatchObject({ kind: 'invalid' });
    expect(await json()).toEqual(before);
  });
  it.each(['', 'third.example', 'ftp://third.example', 'http://', 'https:///x', 'http://a b'])(
    'refused: --public-url %j',
    async (url) => {
      await expect(add(url)).rejects.toMatchObject({ kind: 'invalid' });
    },
  );
  it.each([
    ['service', 'register', '', '--type', 't', '--component', 'third party'],
    ['service', 'register', 'x', '--type', ' ', '--component', 'third party'],
    ['service', 'register', 'a\nb', '--type', 't', '--component', 'third party'],
    ['component', 'create', '', '--url', 'https://x.example'],
    ['component', 'create', 'another', '--url', 'nowhere'],
    ['component', 'create', 'another', '--url', ''],
  ])('refused: %s %s %j', async (...args) => {
    await expect(nefos(...args)).rejects.toMatchObject({ kind: 'invalid' });
  });
  it('every catalog in XML is well-formed, also with what was registered before it was refused', async () => {
    const [{ id } = { id: 0 }] = await s.rows<{ id: number }>(
      "select e.id from endpoint e join service v on v.id = e.service_id where v.name = 'third'",
    );
    for (const [position, [key, value]] of Object.entries({
      xmlns: 'http://www.w3.org/2000/xmlns/',
      'xmlns:SNF': 'urn:x',
      'other:key': 'x',
      'a b': 'x',
    }).entries())
      await s.rows('insert into endpoint_data (endpoint_id, key, value, position) values ($1, $2, $3, $4)', [
        id,
        key,
        value,
        10 + position,
      ]);
    await s.rows("update endpoint_data set value = '' where endpoint_id = $1 and key in ('region', 'adminURL')", [id]);
    const other = await s.replica();
    s.ctx.directory.forget();
    const [endpoint] = (await catalog()) ?? [];
    expect(endpoint).toEqual({
      versionId: '',
      publicURL: 'https://third.example/v1',
      'SNF:exposeVersion': '1',
      'SNF:uiURL': 'https://third.example/ui',
      region: 'default',
    });
    const full = await other
      .api()
      .get(`/identity/v2.0/tokens/${people.user.token}`)
      .set('X-Auth-Token', people.user.token)
      .set('Accept', 'application/xml')
      .expect(200);
    await new Parser({ xmlns: true }).parseStringPromise(full.text);
    const v3 = (await s.as(people.user.token).get('/identity/v3/auth/catalog').expect(200)).body.catalog.find(
      (one: { name: string }) => one.name === 'third',
    );
    expect(v3.endpoints.map((e: { interface: string; region: string }) => [e.interface, e.region])).toEqual([
      ['public', 'default'],
    ]);
  });
});
