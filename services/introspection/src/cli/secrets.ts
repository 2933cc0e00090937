import { countSealed, reseal } from '@nefos/service-kit';
import type { Command } from 'commander';
import type { IntrospectionCtx } from '../ctx.js';
import { SEALED_DRIVER_INFO } from '../nodes/domain/driver-secrets.js';
import type { MakeAction } from './action.js';
import type { Row } from './output.js';

const COLUMNS = [SEALED_DRIVER_INFO];
const status = async ({ db, secrets }: IntrospectionCtx): Promise<Row[]> =>
  (await countSealed(db, COLUMNS)).map((one) => ({ ...one, first: one.sealed_with === secrets.keyId }));
const rotate = async ({ db, secrets }: IntrospectionCtx): Promise<Row[]> => [
  { sealed_anew: await reseal(db, secrets, COLUMNS), sealed_with: secrets.keyId },
];

/** Keys of the passwords of BMCs: `secrets status|rotate`. Compute has the same for its own secrets. */
export const addSecretCommands = (root: Command, action: MakeAction): void => {
  const command = root.command('secrets').description('keys by which stored secrets are sealed');
  command.command('status').description('which keys have sealed how many secrets').action(action(status, false));
  command.command('rotate').description('seals anew what other keys have sealed').action(action(rotate, false));
};
