import { instant, integer, table, text, textArray, uuid, withDefault, type Row } from '@nefos/service-kit';

/** What this API keeps of a thing of the network; one that the portal made has none until something is set. */
export const networkLabels = table(
  'network_label',
  {
    /** Of the network, subnet, port, router, floating IP, security group or rule. */
    id: uuid(),
    description: withDefault(text()),
    tags: withDefault(textArray()),
    revision: withDefault(integer()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export type NetworkLabel = Row<typeof networkLabels>;
