// @ts-check
// Compute as the benchmarks start it, with one member of staff.
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import path from 'node:path';
import { startService } from './lib-service.mjs';

export const TOKEN = 'b'.repeat(40);
/** The uuid of the staff user, as the peer in place of identity answers it for the token. */
export const STAFF = randomUUID();

/** @param {string} dir @param {string} url @param {string} peer @param {Record<string, string>} more settings */
export const startCompute = (dir, url, peer, more) => {
  const bootstrap = path.join(dir, 'bootstrap.json');
  const user = {
    uuid: STAFF,
    username: 'bench',
    email: 'bench@example.com',
    first_name: 'B',
    last_name: 'B',
    is_staff: true,
  };
  fs.writeFileSync(bootstrap, JSON.stringify({ compute: { users: [user] } }));
  return startService('compute', {
    NEFOS_COMPUTE_DATABASE_URL: url,
    NEFOS_COMPUTE_TOKEN: 'bench-component-token-00000000000',
    NEFOS_IDENTITY_URL: peer,
    NEFOS_METERING_URL: peer,
    NEFOS_BOOTSTRAP_FILE: bootstrap,
    ...more,
  });
};
