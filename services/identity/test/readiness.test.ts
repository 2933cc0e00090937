import { useService } from './support.js';

describe('readiness', () => {
  const s = useService();

  it('200: the database alone counts; a queue that only mails feedback keeps nobody from signing in', async () => {
    expect((await s.api().get('/readyz').expect(200)).body).toEqual({ status: 'ok', checks: { database: true } });
  });
});
