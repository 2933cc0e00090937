/** The server notices within half a minute that this machine vanished, and frees what the session holds. */
const KEEPALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';
/**
 * What is looked up is in memory or on a solid-state disk. With PostgreSQL's own figure, which is that of a spinning
 * disk, it reads tables of a few thousand rows from end to end rather than ten rows by their ids.
 */
const PLANS = '-c random_page_cost=1.1';
/**
 * Settings on which our statements and the text of their results depend. Given at the start of a connection, they
 * override those of the database, the role and the address.
 */
const PINNED = Object.entries({
  DateStyle: 'ISO,MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  xmlbinary: 'base64',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  default_transaction_isolation: 'read\\ committed',
})
  .map(([name, value]) => `-c ${name}=${value}`)
  .join(' ');

/**
 * Address and options of a connection to the database. Options in the address (a schema, a time limit) are moved into
 * the options: the driver would use them instead of ours.
 */
export const session = (url: string, more = ''): { url: string; options: string } => {
  if (!url.includes('options=')) return { url, options: `${KEEPALIVE} ${PLANS} ${more} ${PINNED}` };
  const plain = new URL(url);
  const own = plain.searchParams.getAll('options').join(' ');
  plain.searchParams.delete('options');
  return { url: plain.toString(), options: `${KEEPALIVE} ${PLANS} ${more} ${own} ${PINNED}` };
};
