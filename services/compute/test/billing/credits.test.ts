import { sql } from '@nefos/service-kit';
import { useService } from '../support.js';

describe('credit and external billing', () => {
  const service = useService();
  const path = (action: string, id = service.ownClient) => `/staffapi/clients/${id}/${action}`;
  const change = (amount: unknown, add = true, more: object = {}) =>
    service.staff.post(path('change_credit'), {
      amount,
      currency: 'EUR',
      exchange_rate: 1,
      source_amount: amount,
      source_currency: 'EUR',
      add_credit: add,
      external_source: true,
      ...more,
    });
  const uptodate = async (id = service.ownClient): Promise<string> =>
    (await service.staff.get(`/staffapi/clients?filtering=id:${id}`).expect(200)).body.objects[0].uptodate_credit;

  it('200: adds and subtracts, below zero too; text and numbers are taken', async () => {
    expect((await change('10.00').expect(200)).body).toEqual({ client: service.ownClient, credit_balance: '10.00' });
    expect((await change(2.5).expect(200)).body.credit_balance).toBe('12.50');
    expect((await change(20, false).expect(200)).body.credit_balance).toBe('-7.50');
    expect((await change('7.50').expect(200)).body.credit_balance).toBe('0.00');
  });
  it.each([0, -1, 'x', '0.00', null, {}, '1e3', '0.0000001', 1e30])('400: %p is no amount', async (amount) => {
    expect((await change(amount).expect(400)).body).toHaveProperty('amount');
  });
  it('400: an unknown currency', async () => {
    expect((await change(1, true, { currency: 'XXX' }).expect(400)).body).toEqual({
      currency: ['Invalid pk "XXX" - object does not exist.'],
    });
  });
  it('404: an unknown client', async () => {
    await service.staff.post(path('change_credit', 1), { amount: 1 }).expect(404);
  });
  it('200: thirty at once are all counted, each balance is told once', async () => {
    const all = await Promise.all(Array.from({ length: 30 }, () => change('1.10')));
    expect(new Set(all.map((res) => res.body.credit_balance)).size).toBe(30);
    expect(await uptodate()).toBe('33.00');
    await change('33.00', false).expect(200);
  });
  it('200: money is exact and rounded half up on the way out', async () => {
    await change('0.004999').expect(200);
    expect(await uptodate()).toBe('0.00');
    await change('0.000001').expect(200);
    expect(await uptodate()).toBe('0.01');
    await change('0.005', false).expect(200);
  });
  it('the total is converted to the currency of the client, less its unpaid cycles', async () => {
    const id = await service.seedClient();
    await service.staff.post(path('change_credit', id), { amount: '11', currency: 'USD' }).expect(200);
    await service.staff.post(path('change_credit', id), { amount: '5', currency: 'EUR' }).expect(200);
    expect(await uptodate(id)).toBe('15.00');
    const [cycle] = await sql<{ id: string }>(
      service.db,
      `insert into service_cycle (service_id, start_at, end_at, total, currency) select id, '2026-01-01', '2026-01-15', 4.5, 'EUR' from service where client_id = $1 returning id`,
      [id],
    );
    expect(await uptodate(id)).toBe('10.50');
    expect((await service.staff.get(path('billing_summary', id)).expect(200)).body).toEqual({
      price: '4.50',
      currency: 'EUR',
    });
    const detail = (await service.staff.get(`/staffapi/clients/${id}`).expect(200)).body;
    expect(detail.credits).toEqual([
      { currency: 'EUR', amount: '5.00', uptodate_amount: '0.50' },
      { currency: 'USD', amount: '11.00', uptodate_amount: '11.00' },
    ]);
    // Reading it invoices the period; a repeated question, after a lost answer, gets the same one.
    for (let i = 0; i < 2; i += 1)
      expect((await service.staff.get(path('get_client_for_invoice_processing', id)).expect(200)).body).toMatchObject({
        id,
        currency: 'EUR',
        effective_credit_limit: '0.00',
        unsettled_periods: [{ id: Number(cycle?.id) }],
      });
    expect((await service.staff.get(path('billing_summary', id)).expect(200)).body.price).toBe('0.00');
  });
  it('200: agreements, and who is to be invoiced', async () => {
    const id = await service.seedClient();
    await service.staff.patch(`/staffapi/clients/${id}`, { external_billing_id: 'whmcs-1' }).expect(200);
    await service.staff.post(path('change_credit', id), { amount: 3, add_credit: false }).expect(200);
    await service.staff
      .post('/staffapi/clients/set_billing_agreements', [
        { uuid: 'whmcs-1', agreement: true },
        { uuid: 'none', agreement: true },
      ])
      .expect(200);
    const asked = async (query: string) =>
      (await service.staff.get(`/staffapi/clients/get_clients_to_invoice?${query}`).expect(200)).body;
    expect(await asked('has_external_billing=True&uptodate_credit_max=0&has_billing_agreement=True')).toEqual([
      { id, has_service_cycle_recently_ended: false, reached_credit_limit: true },
    ]);
    expect(await asked('has_external_billing=True&uptodate_credit_max=-10')).toEqual([]);
    expect(await asked('has_external_billing=True&has_billing_agreement=False')).toEqual([]);
    await sql(
      service.db,
      `insert into service_cycle (service_id, start_at, end_at, total, currency) select id, '2025-12-15', '2026-01-13', 0, 'EUR' from service where client_id = $1`,
      [id],
    );
    expect((await asked('has_external_billing=True'))[0].has_service_cycle_recently_ended).toBe(true);
    const glue = '/staffapi/billing/external-billing';
    expect(
      (await service.staff.get(`${glue}/get_clients_to_auto_invoice_for_external_billing`).expect(200)).body,
    ).toEqual({ objects: ['whmcs-1'] });
    const need = (rows: object[]) =>
      service.staff.post(`${glue}/process_clients_for_credit_auto_invoicing`, { clients: rows });
    expect(
      (
        await need([
          {
            external_billing_id: 'whmcs-1',
            credit_still_to_be_paid: '1.10',
            credit_still_to_be_paid_currency_code: 'USD',
          },
          { external_billing_id: 'none', credit_still_to_be_paid: '1' },
        ]).expect(200)
      ).body,
    ).toEqual({
      objects: [{ external_billing_id: 'whmcs-1', necessary_credit: '2.00', necessary_credit_currency: 'EUR' }],
    });
    await need(Array.from({ length: 21 }, () => ({ external_billing_id: 'x' }))).expect(400);
  });

  it('200: periods whose invoice could not be made are unpaid again, as the billing module asks for it', async () => {
    const id = await service.seedClient();
    const [own] = await sql<{ id: number }>(service.db, 'select id from service where client_id = $1', [id]);
    const periods = await sql<{ id: string }>(
      service.db,
      `insert into service_cycle (service_id, start_at, end_at, total, currency, status)
      select $1, '2025-12-01', '2026-01-01', 2, 'EUR', unnest(array['unpaid', 'unpaid', 'settled', 'unpaid'])
      returning id::text`,
      [own?.id],
    );
    await sql(service.db, `update service_cycle set end_at = '2027-01-01' where id = $1`, [periods[3]?.id]);
    const work = async () =>
      (await service.staff.get(path('get_client_for_invoice_processing', id)).expect(200)).body.unsettled_periods as {
        id: number;
        related_service: number;
      }[];
    const taken = await work();
    expect(taken.map((one) => one.id)).toEqual([Number(periods[0]?.id), Number(periods[1]?.id)]);
    expect(await uptodate(id)).toBe('-2.00');
    const reset = (service_: number | undefined, ids: unknown) =>
      service.staff.post(`/staffapi/billing/services/${service_}/reset_service_invoiced_periods`, { periods_ids: ids });
    // Another service's, settled and unknown periods stay as they are.
    const [foreign] = await sql<{ id: number }>(service.db, 'select id from service where client_id = $1', [
      service.otherClient,
    ]);
    await reset(foreign?.id, [taken[0]?.id]).expect(200);
    expect(await uptodate(id)).toBe('-2.00');
    const all = [...periods.map((one) => Number(one.id)), 999_999];
    for (let i = 0; i < 2; i += 1)
      expect((await reset(own?.id, all).expect(200)).body).toEqual({ detail: `${i ? 0 : 2} periods are unpaid again` });
    expect(await uptodate(id)).toBe('-6.00');
    expect(
      await sql(service.db, 'select status from service_cycle where service_id = $1 order by id', [own?.id]),
    ).toEqual(['unpaid', 'unpaid', 'settled', 'unpaid'].map((status) => ({ status })));
    expect(await work()).toEqual(taken);
    await reset(own?.id, []).expect(200);
    await reset(own?.id, 'x').expect(400);
    await reset(own?.id, [0]).expect(400);
    await reset(own?.id, [2 ** 60]).expect(400);
    await reset(
      own?.id,
      Array.from({ length: 1001 }, (_, i) => i + 1),
    ).expect(400);
    await reset(999_999, [1]).expect(404);
    await service.staff.post(`/staffapi/billing/services/${own?.id}/reset_service_invoiced_periods`, {}).expect(400);
    await service.user.post(`/staffapi/billing/services/${own?.id}/reset_service_invoiced_periods`, {}).expect(403);
  });
  it('200: the credit is worked out anew; since when it is below its limit is noted once', async () => {
    const id = await service.seedClient();
    const update = async () => (await service.staff.post(path('update_credit', id)).expect(200)).body;
    expect(await update()).toEqual({ client: id, uptodate_credit: '0.00', outofcredit_datetime: null });
    await service.staff.post(path('change_credit', id), { amount: 3, add_credit: false }).expect(200);
    const first = await update();
    expect(first).toEqual({
      client: id,
      uptodate_credit: '-3.00',
      outofcredit_datetime: expect.stringMatching(/^2026-01-15T14:00:00\+02:00$/),
    });
    service.clock.advance(3600);
    expect(await Promise.all([update(), update()])).toEqual([first, first]);
    const shown = (await service.staff.get(`/staffapi/clients?filtering=id:${id}`).expect(200)).body.objects[0];
    expect(shown).toMatchObject({ outofcredit_datetime: first.outofcredit_datetime, uptodate_credit: '-3.00' });
    await service.staff.post(path('change_credit', id), { amount: 3 }).expect(200);
    expect(await update()).toMatchObject({ uptodate_credit: '0.00', outofcredit_datetime: null });
    await service.staff.post(path('update_credit', 1)).expect(404);
    await service.user.post(path('update_credit', id)).expect(403);
  });
  it('200: a client with an agreement has the limit of agreements, in its own currency', async () => {
    const id = await service.seedClient();
    await sql(service.db, `update client set currency = 'USD', has_billing_agreement = true where id = $1`, [id]);
    await sql(service.db, 'update configuration set credit_limit_agreement = -10 where is_default');
    const update = async () => (await service.staff.post(path('update_credit', id)).expect(200)).body;
    const spend = (amount: string) =>
      service.staff.post(path('change_credit', id), { amount, currency: 'USD', add_credit: false }).expect(200);
    await spend('11.00');
    expect(await update()).toMatchObject({ uptodate_credit: '-11.00', outofcredit_datetime: null });
    await spend('0.01');
    expect((await update()).outofcredit_datetime).not.toBeNull();
    await sql(service.db, 'update configuration set credit_limit_agreement = 0 where is_default');
  });
});
