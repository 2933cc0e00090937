// @ts-check
// The operator's own PostgreSQL, which NEFOS_DATABASE_URL names.
import { Trouble } from './progress.mjs';
import { addressOf, SERVICES } from './state.mjs';

/** PostgreSQL 15. */
const OLDEST = 150_000;

/** @param {string} url @throws {Trouble} when it is no address of PostgreSQL */
export const parseUrl = (url) => {
  try {
    const parsed = new URL(url);
    if (!/^postgres(ql)?:$/.test(parsed.protocol)) throw new Error('it does not begin with postgres://');
    return parsed;
  } catch (err) {
    throw new Trouble(`NEFOS_DATABASE_URL can not be used: ${err.message}`);
  }
};
/** The address of another database on the same server. @param {string} url @param {string} name */
const inDatabase = (url, name) => {
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.toString();
};
/** @param {string} url */
const clientOf = async (url) => {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  return client;
};

/**
 * Connects to the server; nothing is changed there.
 * @param {string} url
 * @returns the client; `about`: version and rights of its user; `existing`: the services' databases that exist already,
 *   each with an
 *   address for that user
 */
export const connectOperators = async (url) => {
  const parsed = parseUrl(url);
  const client = await clientOf(url);
  try {
    await client.connect();
  } catch (err) {
    throw new Trouble(
      `NEFOS_DATABASE_URL: ${addressOf(parsed)} does not let us in (${err.message}): check address, user and password`,
    );
  }
  try {
    const about = (
      await client.query(
        `select current_setting('server_version_num')::int version, rolsuper super, rolcreatedb createdb
         from pg_roles where rolname = current_user`,
      )
    ).rows[0];
    if (about.version < OLDEST)
      throw new Trouble(
        `NEFOS_DATABASE_URL: PostgreSQL 15 or newer is needed, this is ${Math.floor(about.version / 10_000)}`,
      );
    const { rows } = await client.query('select datname from pg_database where datname = any($1)', [
      SERVICES.map((service) => `nefos_${service}`),
    ]);
    /** @type {Record<string, string>} */
    const existing = {};
    for (const service of SERVICES)
      if (rows.some((row) => row.datname === `nefos_${service}`))
        existing[service] = inDatabase(url, `nefos_${service}`);
    return { client, parsed, user: decodeURIComponent(parsed.username), about, existing };
  } catch (err) {
    await client.end().catch(() => undefined);
    throw err;
  }
};
/** Whether a service's database has any table. @param {string} service @param {string} url */
export const hasTables = async (service, url) => {
  const client = await clientOf(url);
  try {
    await client.connect();
    const { rows } = await client.query(
      `select 1 from pg_class c join pg_namespace n on n.oid = relnamespace
       where relkind = 'r' and nspname !~ '^pg_' and nspname <> 'information_schema' limit 1`,
    );
    return rows.length > 0;
  } catch (err) {
    throw new Trouble(`NEFOS_DATABASE_URL: the database nefos_${service} can not be looked at (${err.message})`);
  } finally {
    await client.end().catch(() => undefined);
  }
};

/**
 * Makes the databases that are missing. A superuser makes a role for each service too; another user uses them itself.
 * @param {string} url @param {Record<string, string>} passwords @param {import('./database.mjs').Look} look
 * @returns {Promise<import('./database.mjs').Opened>}
 */
export const openOperators = async (url, passwords, look) => {
  const { makeDatabases } = await import('../local-postgres.mjs');
  const { client, parsed, user, about, existing } = await connectOperators(url);
  try {
    await look(existing);
    const where = addressOf(parsed);
    const stop = async () => undefined;
    if (about.super) {
      const admin = {
        host: decodeURIComponent(parsed.hostname),
        port: Number(parsed.port || 5432),
        user,
        password: decodeURIComponent(parsed.password),
      };
      return { urls: await makeDatabases(admin, passwords), where, database: where, stop };
    }
    /** @type {Record<string, string>} */
    const urls = {};
    for (const service of Object.keys(passwords)) {
      const name = `nefos_${service}`;
      if (!existing[service]) {
        if (!about.createdb)
          throw new Trouble(
            `NEFOS_DATABASE_URL: the user ${user} may not create the database ${name}: ` +
              'create it, or give the user the right CREATEDB',
          );
        await client.query(`create database ${name} encoding 'UTF8' locale 'C' template template0`);
      }
      urls[service] = inDatabase(url, name);
    }
    return { urls, where, database: where, stop };
  } finally {
    await client.end().catch(() => undefined);
  }
};
