import { boolean, em, nullable, table, text, withDefault, type Queryable, type Row } from '@nefos/service-kit';

/** What quotas can be of, such as memory. */
export const quotaResources = table(
  'resource',
  {
    name: text(),
    description: withDefault(text()),
    unit: nullable(text()),
    serviceType: text(),
    serviceOrigin: text(),
    uiVisible: withDefault(boolean()),
    apiVisible: withDefault(boolean()),
  },
  { primary: ['name'] },
);
export type Resource = Row<typeof quotaResources>;

/** Those that the API shows, by name. */
export const listResources = (q: Queryable): Promise<Resource[]> =>
  em(q).find(quotaResources, { where: { apiVisible: true }, order: { name: 'ASC' }, take: 10_000 });
