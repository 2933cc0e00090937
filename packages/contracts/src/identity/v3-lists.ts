import { z } from 'zod';
import { contract, type Contract } from '../endpoint.js';
import { entity, listLinks, listQuery, source } from './v3-shapes.js';

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
  refusals: number[] = [],
) =>
  contract({
    method: 'get',
    path,
    access: 'user',
    status: 200,
    refusals,
    summary,
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
) => ({ ...v3List(path, key, summary, filters, [403]), params: byId });
export const v3One = <const P extends string, K extends string>(path: P, key: K, summary: string, refusals: number[] = []) =>
  contract({
    method: 'get',
    path,
    access: 'user',
    status: 200,
    refusals,
    summary,
    source,
    params: byId,
    response: z.object({ [key]: entity } as Record<K, typeof entity>),
  });
/** Whether something is so: 204, or 404. */
export const v3Check = <const P extends string, S extends z.ZodType>(path: P, params: S, summary: string) =>
  contract({ method: 'get', path, access: 'user', status: 204, refusals: [403], summary, source, params });
/** What says nothing of people is for components too. */
export const forComponents = <const C extends Contract>(one: C) => ({ ...one, components: 'any' }) as const;
