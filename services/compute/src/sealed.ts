import type { SealedColumn } from '@nefos/service-kit';

/** Every column with sealed secrets: `npm run nefos -- secrets rotate` seals them anew. */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'region', column: 'driver_secrets', key: 'id' },
  { table: 'webhook', column: 'secret', key: 'id' },
  { table: 'operation_secret', column: 'sealed', key: 'operation_id' },
];
