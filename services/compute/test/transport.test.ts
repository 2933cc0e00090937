import { useService } from './support.js';

describe('transport', () => {
  const service = useService();

  it('404: an unknown route is a JSON document in the dialect', async () => {
    const res = await service.nobody.get('/staffapi/no-such-thing').expect(404);
    expect(res.body).toEqual({ detail: 'Not found.' });
    expect(res.headers['x-error-code']).toBe('not_found');
    expect(res.headers['x-request-id']).toMatch(/^req-/);
  });
});
