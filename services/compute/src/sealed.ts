import type { SealedColumn, SecretBox, SecretPlace } from '@nefos/service-kit';
import { refusal } from './refusals.js';

/** Every column with sealed secrets. */
export const SEALED = {
  regionDriver: { table: 'region', column: 'driver_secrets', key: 'id' },
  webhook: { table: 'webhook', column: 'secret', key: 'id' },
  operation: { table: 'operation_secret', column: 'sealed', key: 'operation_id' },
} as const satisfies Record<string, SealedColumn>;
/** `npm run nefos -- secrets rotate` seals them anew. */
export const sealedColumns: readonly SealedColumn[] = Object.values(SEALED);

/** Where the secret of a row stands: it opens there only. */
export const placeOf = ({ table, column }: SealedColumn, row: string): SecretPlace => ({ table, column, row });
/** @throws Fault conflict/secrets.no_key */
export const seal = (
  { secrets }: { secrets: SecretBox },
  column: SealedColumn,
  row: string,
  secret: string,
): string => {
  if (secrets.keyId === null) throw refusal('conflict', 'secrets.no_key');
  return secrets.seal(secret, placeOf(column, row));
};
