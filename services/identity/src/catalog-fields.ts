import type { Fault } from '@nefos/service-kit';

/** What `CatalogField` of catalog/domain/catalog-rules.ts is called; for a value of an endpoint: its key. */
const CATALOG_FIELDS: Record<string, string> = {
  'component.name': 'The name of a component',
  'component.url': 'The URL of a component',
  'service.name': 'The name of a service',
  'service.type': 'The type of a service',
  'endpoint.key': 'A key of an endpoint',
  'endpoint.region': 'A region',
};
/** What a sentence calls the field that the refusal is about. */
export const catalogField = ({ params }: Fault): string => {
  const field = String(params.field);
  return CATALOG_FIELDS[field] ?? field.replace(/^endpoint\.data\./, '');
};
