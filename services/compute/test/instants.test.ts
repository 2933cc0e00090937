import { useService } from './support.js';

describe('instants of a stranger', () => {
  const service = useService();
  const FORMAT =
    'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].';
  it.each([
    '9999-12-31T23:59:59-23:59',
    '9999-12-31T23:59:59-00:01',
    '2027-02-31T00:00:00Z',
    '2027-01-01T24:00:00Z',
    '2027-01-01T23:59:60Z',
    '2027-01-01T00:00:00+16:00',
    '2027-01-01',
  ])('400: a token that ends at %s', async (at) => {
    expect((await service.user.post('/api/tokens', { name: 'x', expires_at: at }).expect(400)).body).toEqual({
      expires_at: [FORMAT],
    });
  });
  it.each([
    '9999-12-31T23:59:59-00:01',
    '0001-01-01T00:00:00+00:01',
    '2027-02-31',
    '2027-01-01T24:00:00Z',
    '2027-01-01T00:00:00+16:00',
  ])('400: a filter by %s', async (at) => {
    await service.staff.get(`/staffapi/users?filtering=date_joined__lt:${encodeURIComponent(at)}`).expect(400);
  });
  it.each(['9999-12-31T23:59:59Z', '2027-02-28', '2027-01-01 23:59 02:00'])('200: a filter by %s', async (at) => {
    await service.staff.get(`/staffapi/users?filtering=date_joined__lt:${encodeURIComponent(at)}`).expect(200);
  });
});
