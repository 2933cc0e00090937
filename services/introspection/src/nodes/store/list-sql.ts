import type { AnyColumn } from '@nefos/service-kit';

const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** How a list is ordered, and after which row it goes on. */
export interface Order {
  /** A property of the row; rows of the same value are ordered by id. */
  property: string;
  descending: boolean;
  /** The last row of the page before. */
  after?: { id: number; value: unknown };
  /** One row more is read than a page has: it tells that there is a next page. */
  limit: number;
}
/**
 * The end of a list's statement: where it goes on, order and limit. null is the largest value, as in PostgreSQL.
 * @param conditions gets the condition of the page @param values gets its values
 */
export const pageSql = (
  definitions: Readonly<Record<string, AnyColumn>>,
  { property, descending, after, limit }: Order,
  conditions: string[],
  values: unknown[],
): string => {
  const column = definitions[property];
  if (!column) throw new Error(`there is no column ${property}`);
  const key = `"${snakeCase(property)}"`;
  const [way, beyond] = descending ? ['desc', '<'] : ['asc', '>'];
  if (after) {
    const id = `$${values.push(after.id)}`;
    if (property === 'id') conditions.push(`id ${beyond} ${id}`);
    else if (after.value === null)
      conditions.push(`(${key} is null and id ${beyond} ${id}${descending ? ` or ${key} is not null` : ''})`);
    else {
      const value = `$${values.push(after.value)}::${column.type}`;
      const nulls = !descending && column.options.nullable ? ` or ${key} is null` : '';
      conditions.push(`((${key}, id) ${beyond} (${value}, ${id})${nulls})`);
    }
  }
  const where = conditions.length ? `where ${conditions.join(' and ')}` : '';
  const order = property === 'id' ? `id ${way}` : `${key} ${way}, id ${way}`;
  return `${where} order by ${order} limit $${values.push(limit + 1)}`;
};
