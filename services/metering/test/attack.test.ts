import { httpAttacks, listenBare, findHarmful } from '@nefos/testing';
import { rh, useService } from './support.js';

jest.setTimeout(300_000);

describe('no text of a stranger takes the process for long', () => {
  const service = useService();
  it('paths, queries and headers', async () => {
    const server = await listenBare(service.app);
    const parameters = [
      'instances/?running_since',
      'instances/?user_id',
      'concurrent/?start_date',
      'concurrent/?cloud_account_id',
      'accounts/?limit',
      'accounts/?offset',
      'accounts/?more',
    ];
    try {
      const attacks = httpAttacks(
        ['/v2/accounts/', '/api/cloudigrade/v2/'],
        parameters.map((one) => `/v2/${one}`),
      );
      expect(await findHarmful(server.port, attacks, rh('an-attacker'))).toEqual([]);
    } finally {
      await server.close();
    }
  });
});
