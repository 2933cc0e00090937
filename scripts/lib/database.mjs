// The databases of the services: in the embedded PostgreSQL, or in the one that NEFOS_DATABASE_URL names.
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { rotateInPlace } from './logs.mjs';
import { logSettings } from './settings.mjs';
import { addressOf, databaseDir, databaseOf, EMBEDDED, SERVICES } from './state.mjs';
import { Trouble } from './progress.mjs';

const parse = (url) => {
  try {
    const parsed = new URL(url);
    if (!/^postgres(ql)?:$/.test(parsed.protocol)) throw new Error('it does not begin with postgres://');
    return parsed;
  } catch (err) {
    throw new Trouble(`NEFOS_DATABASE_URL can not be used: ${err.message}`);
  }
};
/**
 * The state directory has the passwords and tokens of one database: with another, people and services would not know each other.
 * @throws Trouble when it belongs to another one
 */
export const checkDatabase = ({ dir, url, moved = false }) => {
  const belongs = databaseOf(dir);
  const wanted = url ? addressOf(parse(url)) : EMBEDDED;
  if (belongs === undefined || belongs === wanted) return;
  const elsewhere = 'choose another state directory by NEFOS_START_STATE';
  if (belongs === EMBEDDED)
    throw new Trouble(
      `${dir} belongs to the embedded database in it, not to ${wanted}: unset NEFOS_DATABASE_URL, or ${elsewhere}. To move there: \`npm run nefos -- backup\`, then \`restore\``,
    );
  if (wanted === EMBEDDED)
    throw new Trouble(
      `${dir} belongs to the database at ${belongs}, and NEFOS_DATABASE_URL is not set: set it, or ${elsewhere}`,
    );
  if (!moved)
    throw new Trouble(
      `${dir} belongs to the database at ${belongs}, and NEFOS_DATABASE_URL names ${wanted}: change it, or ${elsewhere}. If it is the same database at a new address: npm start -- --database-moved`,
    );
};

/**
 * The server that NEFOS_DATABASE_URL names, as it is: nothing is changed here.
 * `there`: the services' databases that exist already, each with an address by which the user of NEFOS_DATABASE_URL comes in.
 */
const enter = async (url) => {
  const { default: pg } = await import('pg');
  const parsed = parse(url);
  const user = decodeURIComponent(parsed.username);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (err) {
    throw new Trouble(
      `NEFOS_DATABASE_URL: ${addressOf(parsed)} does not let us in (${err.message}): check address, user and password`,
    );
  }
  try {
    const {
      rows: [about],
    } = await client.query(
      "select current_setting('server_version_num')::int version, rolsuper super, rolcreatedb createdb from pg_roles where rolname = current_user",
    );
    if (about.version < 150_000)
      throw new Trouble(
        `NEFOS_DATABASE_URL: PostgreSQL 15 or newer is needed, this is ${Math.floor(about.version / 10_000)}`,
      );
    const { rows } = await client.query('select datname from pg_database where datname = any($1)', [
      SERVICES.map((service) => `nefos_${service}`),
    ]);
    const there = {};
    for (const service of SERVICES)
      if (rows.some((row) => row.datname === `nefos_${service}`)) there[service] = inDatabase(url, `nefos_${service}`);
    return { client, parsed, user, about, there };
  } catch (err) {
    await client.end().catch(() => undefined);
    throw err;
  }
};
const inDatabase = (url, name) => {
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.toString();
};
const hasTables = async (service, url) => {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query(
      "select 1 from pg_class c join pg_namespace n on n.oid = relnamespace where relkind = 'r' and nspname !~ '^pg_' and nspname <> 'information_schema' limit 1",
    );
    return rows.length > 0;
  } catch (err) {
    throw new Trouble(`NEFOS_DATABASE_URL: the database nefos_${service} can not be looked at (${err.message})`);
  } finally {
    await client.end().catch(() => undefined);
  }
};
/**
 * A new state directory makes principals of its own, and passwords for the roles: on another installation's databases the one would let
 * strangers in, the other lock the owner out. To be asked before anything is written, here or there.
 * @throws Trouble when the databases have something in them and the state directory does not know them
 */
export const refuseOthersData = async ({ dir, url, moved = false }) => {
  if (!url || moved || databaseOf(dir) !== undefined) return;
  const { client, parsed, there } = await enter(url);
  await client.end().catch(() => undefined);
  for (const [service, its] of Object.entries(there))
    if (await hasTables(service, its))
      throw new Trouble(
        `the database nefos_${service} at ${addressOf(parsed)} belongs to another installation, and ${dir} is new: use that one's state directory (NEFOS_START_STATE) or another PostgreSQL. If its state directory is lost: docs/operations.md, "A lost state directory"`,
      );
};

/**
 * `look` gets the addresses of databases that are on the operator's server already, before anything is changed there: it throws to keep it so.
 * @returns {Promise<{urls: Record<string, string>, stop: () => Promise<void>, where: string, database: string}>} `database`: what a state directory remembers
 */
export const openDatabases = async ({ dir, env, passwords, say, look = async () => undefined }) =>
  env.NEFOS_DATABASE_URL ? foreign(env.NEFOS_DATABASE_URL, passwords, look) : embedded(dir, env, passwords, say);

const embedded = async (dir, env, passwords, say) => {
  const { startLocalPg, makeDatabases } = await import('../local-postgres.mjs');
  const at = databaseDir(dir);
  const port = env.NEFOS_START_DATABASE_PORT ? Number(env.NEFOS_START_DATABASE_PORT) : undefined;
  let server;
  let stopping = false;
  try {
    server = await startLocalPg({ dir: at, ...(port && { port }) });
  } catch (err) {
    throw new Trouble(err.message);
  }
  const urls = await makeDatabases(server, passwords);
  // An adopted server is nobody's child here, so its life is looked at by pid; a new one tells by its exit.
  const watch = async () => {
    while (!stopping) {
      await (server.adopted
        ? new Promise((resolve) => {
            const timer = setInterval(() => {
              try {
                process.kill(server.pid, 0);
              } catch {
                clearInterval(timer);
                resolve();
              }
              if (stopping) {
                clearInterval(timer);
                resolve();
              }
            }, 500);
          })
        : server.exited);
      if (stopping) return;
      say('PostgreSQL died; starting it again');
      for (let attempt = 0; !stopping; attempt += 1) {
        try {
          server = await startLocalPg({ dir: at, port: server.port });
          say('PostgreSQL is back');
          break;
        } catch (err) {
          if (attempt === 10) say(`PostgreSQL does not come back: ${err.message}`);
          await sleep(Math.min(5000, 200 * 2 ** attempt));
        }
      }
    }
  };
  void watch();
  // The server outlives the supervisor, so it writes its log itself.
  const tidying = setInterval(() => {
    rotateInPlace(path.join(at, 'postgres.log'), logSettings(env)).catch((err) =>
      say(`the log of PostgreSQL can not be put aside (${err.message})`),
    );
  }, 60_000);
  tidying.unref();
  return {
    urls,
    database: EMBEDDED,
    where: `${server.adopted ? 'found running' : 'PostgreSQL'} on port ${server.port}, data in ${at}`,
    stop: async () => {
      stopping = true;
      clearInterval(tidying);
      await server.stop();
    },
  };
};

const foreign = async (url, passwords, look) => {
  const { makeDatabases } = await import('../local-postgres.mjs');
  const { client, parsed, user, about, there } = await enter(url);
  try {
    await look(there);
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
    const urls = {};
    for (const service of Object.keys(passwords)) {
      const name = `nefos_${service}`;
      if (!there[service]) {
        if (!about.createdb)
          throw new Trouble(
            `NEFOS_DATABASE_URL: the user ${user} may not create the database ${name}: create it, or give the user the right CREATEDB`,
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
