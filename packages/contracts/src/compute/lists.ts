import { z } from 'zod';
import { one } from './params.js';

/** Parameters of every list (contract compute §3); others are passed over. */
export const listQuery = z
  .looseObject({
    page: one.describe('1-based'),
    page_size: one.describe('default 20, at most 500'),
    ordering: one.describe('field, `-` for descending, comma list'),
    search: one.describe('words, each of them somewhere in the main columns'),
    filtering: one.describe('`<path>[__<lookup>]:<value>[+...]`'),
  })
  .meta({ id: 'ListQuery' });

/** The envelope of a list. */
export const listOf = <S extends z.ZodType>(item: S) =>
  z.object({
    count: z.int(),
    next: z.url().nullable(),
    previous: z.url().nullable(),
    objects: z.array(item),
    totalCount: z.int(),
    pageNo: z.int(),
  });
export const detailed = z.object({ detail: z.string() }).meta({ id: 'Detail' });
