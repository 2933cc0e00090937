/** The server notices within half a minute that our machine is gone, and frees what the session holds. */
const KEEPALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';
/**
 * What a database, a role or an address may set otherwise, and what our statements and the text of their answers depend on. Given when a
 * connection begins, it wins over all of these.
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
 * Address and options of a connection to the database. Options in the address itself are kept (a schema, a time limit), but the driver
 * would take them in place of ours.
 */
export const session = (url: string, more = ''): { url: string; options: string } => {
  if (!url.includes('options=')) return { url, options: `${KEEPALIVE} ${more} ${PINNED}` };
  const plain = new URL(url);
  const own = plain.searchParams.getAll('options').join(' ');
  plain.searchParams.delete('options');
  return { url: plain.toString(), options: `${KEEPALIVE} ${more} ${own} ${PINNED}` };
};
