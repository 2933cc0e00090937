// @ts-check
// What a database of a service holds, as the catalog tells it.
import pg from 'pg';

/**
 * Text must not depend on how a server, a role or an address is set up (as the services pin it); no time limit ends a
 * long copy.
 */
const SESSION = [
  'TimeZone=UTC',
  'DateStyle=ISO,MDY',
  'IntervalStyle=postgres',
  'extra_float_digits=1',
  'bytea_output=hex',
  'xmlbinary=base64',
  'standard_conforming_strings=on',
  'array_nulls=on',
  'transform_null_equals=off',
  'quote_all_identifiers=off',
  'statement_timeout=0',
  'idle_in_transaction_session_timeout=0',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');
/** A schema that is there while a restore goes on: packages/service-kit/src/restore-mark.ts. */
export const RESTORE_MARK = 'nefos_restore';
/** Everything but PostgreSQL's own and that mark. */
const OURS = `nspname !~ '^pg_' and nspname not in ('information_schema', '${RESTORE_MARK}')`;
const id = pg.escapeIdentifier;
/** @param {string} schema @param {string} name */
export const nameOf = (schema, name) => `${id(schema)}.${id(name)}`;

/**
 * Options in the address itself are kept (a schema), but the driver would take them in place of ours; what comes last
 * counts.
 * @param {string} url
 */
const session = (url) => {
  if (!url.includes('options=')) return { connectionString: url, options: SESSION };
  const plain = new URL(url);
  const own = plain.searchParams.getAll('options').join(' ');
  plain.searchParams.delete('options');
  return { connectionString: plain.toString(), options: `${own} ${SESSION}` };
};
/** @param {string} url @returns a connection whose errors are those of its queries */
export const connect = async (url, name = 'nefos-backup') => {
  const client = new pg.Client({
    ...session(url),
    application_name: name,
    connectionTimeoutMillis: 5000,
    keepAlive: true,
  });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};
/** @param {import('pg').Client} client @param {string} text @param {unknown[]} [values] */
const all = async (client, text, values = []) => (await client.query(text, values)).rows;

/**
 * Tables with the columns that are stored as given: generated ones follow from them.
 * @param {import('pg').Client} client
 */
export const tablesOf = async (client) =>
  (
    await all(
      client,
      `select nspname schema, relname name, array(select attname::text from pg_attribute
         where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) columns
       from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'r' and ${OURS} order by 1, 2`,
    )
  ).map(({ schema, name, columns }) => ({ table: nameOf(schema, name), columns }));

/** What each sequence gives next: name to `[last, whether that one was given]`. @param {import('pg').Client} client */
export const sequencesOf = async (client) => {
  const names = (
    await all(
      client,
      `select nspname schema, relname name from pg_class c join pg_namespace n on n.oid = relnamespace
       where relkind = 'S' and ${OURS} order by 1, 2`,
    )
  ).map(({ schema, name }) => nameOf(schema, name));
  if (!names.length) return {};
  const rows = await all(
    client,
    names
      .map((name) => `select ${pg.escapeLiteral(name)} name, last_value::text last, is_called called from ${name}`)
      .join(' union all '),
  );
  return Object.fromEntries(rows.map(({ name, last, called }) => [name, [last, called]]));
};
/** @param {import('pg').Client} client */
export const foreignKeysOf = async (client) =>
  (
    await all(
      client,
      `select nspname schema, relname name, conname, pg_get_constraintdef(k.oid) definition
       from pg_constraint k join pg_class c on c.oid = conrelid join pg_namespace n on n.oid = relnamespace
       where contype = 'f' and ${OURS} order by 1, 2, 3`,
    )
  ).map(({ schema, name, conname, definition }) => ({
    table: nameOf(schema, name),
    constraint: id(conname),
    definition,
  }));

/** @param {import('pg').Client} client @param {string} table @param {string} text */
const whenThere = async (client, table, text) =>
  (await all(client, 'select to_regclass($1) is not null yes', [table]))[0].yes ? all(client, text) : [];
/**
 * The schema of our own tables, which an address may choose (`?options=-c search_path=nefos`).
 * @param {import('pg').Client} client
 * @returns null when it is not there
 */
export const schemaOf = async (client) => (await all(client, 'select current_schema() name'))[0].name;
/** @typedef {Awaited<ReturnType<typeof versionOf>>} Version */
/**
 * Where our tables are, and which steps they were made by: our own, and the job queue's.
 * @param {import('pg').Client} client
 */
export const versionOf = async (client) => ({
  schema: await schemaOf(client),
  migrations: (await whenThere(client, 'migrations', 'select name from migrations order by id')).map((row) => row.name),
  queue: (
    await whenThere(client, 'graphile_worker.migrations', 'select id from graphile_worker.migrations order by id')
  ).map((row) => row.id),
});
/** @param {import('pg').Client} client */
export const schemasOf = async (client) =>
  (await all(client, `select nspname name from pg_namespace where ${OURS} order by 1`)).map((row) => row.name);
