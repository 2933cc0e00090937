import { useService } from './support.js';

describe('the log-in of a name that exists and of one that does not', () => {
  const service = useService();
  it('thirty at once: the same answers; identity is asked as often, each time about one and the same user', async () => {
    const asked: string[] = [];
    const { checkPassword, openSession } = service.identity;
    service.identity.checkPassword = async (uuid, password) => {
      asked.push(uuid);
      return checkPassword(uuid, password);
    };
    // Who may sign in here is asked about by the door that begins a session; it checks the password in the same way.
    service.identity.openSession = async (uuid, ...rest) => {
      asked.push(uuid);
      return openSession(uuid, ...rest);
    };
    const knock = async (username: string, area: 'api' | 'staffapi') => {
      asked.length = 0;
      const all = await Promise.all(
        Array.from({ length: 30 }, () => service.nobody.post(`/${area}/login`, { username, password: 'wrong' })),
      );
      const answers = new Set(
        all.map(({ status, text, headers }) =>
          JSON.stringify([status, text, { ...headers, date: '', 'x-request-id': '' }]),
        ),
      );
      return { answers: [...answers], times: asked.length, users: new Set(asked).size };
    };
    try {
      for (const area of ['api', 'staffapi'] as const) {
        const known = await knock('demo', area);
        expect(known).toMatchObject({ times: 30, users: 1 });
        for (const name of ['demoadmin', 'nobody', 'nobody@example.com', 'n'.repeat(254)])
          expect({ name, ...(await knock(name, area)) }).toEqual({ name, ...known });
      }
      const about = async (name: string) => (await knock(name, 'api')) && asked[0];
      expect(await about('nobody')).toBe(await about('nobody'));
      expect(await about('nobody')).not.toBe(await about('somebody'));
      expect(await about('nobody')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    } finally {
      Object.assign(service.identity, { checkPassword, openSession });
    }
  });
});
