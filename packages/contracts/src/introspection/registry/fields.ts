import { z } from 'zod';
import { contractIn, type Contract } from '../../endpoint.js';

/** Where a rule of the registry stands. */
export const source = (section: string): string => ['contract introspection', `§${section}`].join(' ');
/** Declares the endpoints of an area of the registry; components may call them, too. */
export const registryContractIn =
  (area: string) =>
  <const C extends Contract>(declaration: C): C =>
    contractIn(area)({ components: 'any', ...declaration });
export const nodesContract = registryContractIn('nodes');

const text = z.string().max(1024);
/** Parameters of a query that are judged by the service, in the words of the Bare Metal API; others are refused. */
export const queryOf = <const N extends string>(...names: N[]): z.ZodType<Partial<Record<N, string>>, unknown> =>
  z.strictObject(Object.fromEntries(names.map((name) => [name, text.optional()]))) as unknown as z.ZodType<
    Partial<Record<N, string>>,
    unknown
  >;
export const PAGING = ['limit', 'marker', 'sort_key', 'sort_dir', 'fields', 'detail'] as const;
export const nodeParam = z.object({ node_ident: z.string().describe('UUID or name of a node') });
export const registryLinks = z
  .array(z.object({ href: z.string(), rel: z.string(), type: z.string().optional() }))
  .meta({ id: 'Links' });
export const next = z.string().optional().describe('Address of the next page, if there is one');
