import { z } from 'zod';
import { contractIn, type Contract } from '../endpoint.js';
import { entity, listLinks, listQuery, source } from './v3-shapes.js';

const contract = contractIn('keystone');

/** A list of Keystone: its members under their own name, and the addresses of its pages. */
export const listOf = <K extends string>(key: K) =>
  z.object({
    [key]: z.array(key === 'role_assignments' || key === 'system' ? z.looseObject({}) : entity),
    links: listLinks,
  } as Record<K, z.ZodArray<z.ZodType>> & { links: typeof listLinks });
export const byId = z.object({ id: z.string() });
export const v3List = <const P extends string, K extends string, F extends z.ZodRawShape>(
  path: P,
  key: K,
  summary: string,
  filters: F,
  description: string,
  refusals: number[] = [],
) =>
  contract({
    method: 'get',
    path,
    access: 'user',
    status: 200,
    refusals,
    summary,
    description: `${description} Pages have at most 1000 entries; a filter that is not known is refused with 400.`,
    source,
    query: listQuery(filters),
    response: listOf(key),
  });
/** A list below one thing. */
export const v3ListOf = <const P extends string, K extends string, F extends z.ZodRawShape>(
  path: P,
  key: K,
  summary: string,
  filters: F,
  description: string,
) => ({ ...v3List(path, key, summary, filters, description, [403]), params: byId });
export const v3One = <const P extends string, K extends string>(
  path: P,
  key: K,
  summary: string,
  description: string,
  refusals: number[] = [],
) =>
  contract({
    method: 'get',
    path,
    access: 'user',
    status: 200,
    refusals,
    summary,
    description,
    source,
    params: byId,
    response: z.object({ [key]: entity } as Record<K, typeof entity>),
  });
/** A check: 204 when it is so, 404 when it is not. */
export const v3Check = <const P extends string, S extends z.ZodType>(path: P, params: S, summary: string) =>
  contract({
    method: 'get',
    path,
    access: 'user',
    status: 204,
    refusals: [403],
    summary,
    description:
      `${summary}: 204 when it is so, 404 when it is not. ` +
      'Users ask about themselves, administrators about anyone.',
    source,
    params,
  });
/** Entities that hold no personal data are readable for components as well. */
export const forComponents = <const C extends Contract>(one: C) => ({ ...one, components: 'any' }) as const;
