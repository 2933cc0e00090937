// What a database of a service holds, as the catalog tells it.
import pg from 'pg';

/** Text must not depend on how a server or a role is set up; no time limit ends a long copy. */
const SESSION = [
  'TimeZone=UTC',
  'DateStyle=ISO',
  'IntervalStyle=postgres',
  'extra_float_digits=1',
  'bytea_output=hex',
  'statement_timeout=0',
  'idle_in_transaction_session_timeout=0',
]
  .map((setting) => `-c ${setting}`)
  .join(' ');
/** Everything but PostgreSQL's own and the mark of a restore that goes on. */
const OURS = "nspname !~ '^pg_' and nspname not in ('information_schema', 'nefos_restore')";
const id = pg.escapeIdentifier;
export const nameOf = (schema, name) => `${id(schema)}.${id(name)}`;

/** @returns a connection whose errors are those of its queries */
export const connect = async (url, name = 'nefos-backup') => {
  const client = new pg.Client({ connectionString: url, application_name: name, connectionTimeoutMillis: 5000, options: SESSION, keepAlive: true });
  client.on('error', () => undefined);
  await client.connect();
  return client;
};
const all = async (client, text, values = []) => (await client.query(text, values)).rows;

/** Tables with the columns that are stored as given: generated ones follow from them. */
export const tablesOf = async (client) =>
  (
    await all(
      client,
      `select nspname schema, relname name, array(select attname::text from pg_attribute
         where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum) columns
       from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'r' and ${OURS} order by 1, 2`,
    )
  ).map(({ schema, name, columns }) => ({ table: nameOf(schema, name), columns }));

/** What each sequence gives next: name to `[last, whether that one was given]`. */
export const sequencesOf = async (client) => {
  const names = (
    await all(
      client,
      `select nspname schema, relname name from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'S' and ${OURS} order by 1, 2`,
    )
  ).map(({ schema, name }) => nameOf(schema, name));
  if (!names.length) return {};
  const rows = await all(
    client,
    names.map((name) => `select ${pg.escapeLiteral(name)} name, last_value::text last, is_called called from ${name}`).join(' union all '),
  );
  return Object.fromEntries(rows.map(({ name, last, called }) => [name, [last, called]]));
};
export const foreignKeysOf = async (client) =>
  (
    await all(
      client,
      `select nspname schema, relname name, conname, pg_get_constraintdef(k.oid) definition
       from pg_constraint k join pg_class c on c.oid = conrelid join pg_namespace n on n.oid = relnamespace where contype = 'f' and ${OURS} order by 1, 2, 3`,
    )
  ).map(({ schema, name, conname, definition }) => ({ table: nameOf(schema, name), constraint: id(conname), definition }));

const whenThere = async (client, table, text) => ((await all(client, 'select to_regclass($1) is not null yes', [table]))[0].yes ? all(client, text) : []);
/** Which steps the schema was made by: our own, and the job queue's. */
export const versionOf = async (client) => ({
  migrations: (await whenThere(client, 'public.migrations', 'select name from public.migrations order by id')).map((row) => row.name),
  queue: (await whenThere(client, 'graphile_worker.migrations', 'select id from graphile_worker.migrations order by id')).map((row) => row.id),
});
export const schemasOf = async (client) => (await all(client, `select nspname name from pg_namespace where ${OURS} order by 1`)).map((row) => row.name);
