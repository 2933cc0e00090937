import { countSealed, newSecretKey, reseal } from '@nefos/service-kit';
import type { Command } from 'commander';
import type { ComputeRequest } from '../ctx.js';
import { sealedColumns } from '../sealed.js';
import type { MakeAction } from './action.js';
import type { Row } from './output.js';

const status = async ({ db, secrets }: ComputeRequest): Promise<Row[]> =>
  (await countSealed(db, sealedColumns)).map((one) => ({ ...one, first: one.sealed_with === secrets.keyId }));
const rotate = async ({ db, secrets }: ComputeRequest): Promise<Row[]> => [
  { sealed_anew: await reseal(db, secrets, sealedColumns), sealed_with: secrets.keyId },
];

/** Keys of stored secrets: `secrets key|status|rotate`. */
export const addSecretCommands = (root: Command, action: MakeAction): void => {
  const command = root.command('secrets').description('keys by which stored secrets are sealed');
  command
    .command('key')
    .description('prints a new key for NEFOS_SECRET_KEYS')
    .action(() => {
      process.stdout.write(`${newSecretKey()}\n`);
    });
  command.command('status').description('which keys have sealed how many secrets').action(action(status));
  command.command('rotate').description('seals anew with the first key what others have sealed').action(action(rotate));
};
