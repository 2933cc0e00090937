import { boolean, jsonb, nullable, table, text, uuid, withDefault, type Row } from '@nefos/service-kit';

/** What this API keeps of an instance; one that the portal made has none until something is set. */
export const serverRecords = table(
  'server_record',
  {
    instanceId: uuid(),
    /** Identity's uuid of who made it; '': the portal did. */
    userId: withDefault(text()),
    metadata: withDefault(jsonb<Record<string, string>>()),
    keyName: nullable(text()),
    hostname: nullable(text()),
    configDrive: withDefault(boolean()),
    accessIpv4: withDefault(text()),
    accessIpv6: withDefault(text()),
    reservationId: withDefault(text()),
  },
  { primary: ['instanceId'] },
);
export type ServerRecord = Row<typeof serverRecords>;
