// @ts-check
// The databases of the services: in the embedded PostgreSQL, or in the one that NEFOS_DATABASE_URL names.
import { openEmbedded } from './embedded-database.mjs';
import { connectOperators, hasTables, openOperators, parseUrl } from './operators-database.mjs';
import { Trouble } from './progress.mjs';
import { addressOf, databaseOf, EMBEDDED } from './state.mjs';

/**
 * `urls`: of the services' databases, by name; `where`: in words; `database`: what a state directory remembers.
 * @typedef {{ urls: Record<string, string>, stop: () => Promise<void>, where: string, database: string }} Opened
 */
/**
 * Looks at the databases that exist, before anything is changed: by name of the service.
 * @typedef {(existing: Record<string, string>) => Promise<unknown>} Look
 */

/**
 * The state directory has the passwords and tokens of one database: with another, people and services would not know
 * each other.
 * @param {{ dir: string, url?: string | undefined, moved?: boolean | undefined }} options `moved`: the same one, at a
 *   new address
 * @throws {Trouble} when it belongs to another one
 */
export const checkDatabase = ({ dir, url, moved = false }) => {
  const belongs = databaseOf(dir);
  const wanted = url ? addressOf(parseUrl(url)) : EMBEDDED;
  if (belongs === undefined || belongs === wanted) return;
  const elsewhere = 'choose another state directory by NEFOS_START_STATE';
  if (belongs === EMBEDDED)
    throw new Trouble(
      `${dir} belongs to the embedded database in it, not to ${wanted}: unset NEFOS_DATABASE_URL, or ${elsewhere}. ` +
        'To move there: `npm run nefos -- backup`, then `restore`',
    );
  if (wanted === EMBEDDED)
    throw new Trouble(
      `${dir} belongs to the database at ${belongs}, and NEFOS_DATABASE_URL is not set: set it, or ${elsewhere}`,
    );
  if (!moved)
    throw new Trouble(
      `${dir} belongs to the database at ${belongs}, and NEFOS_DATABASE_URL names ${wanted}: ` +
        `change it, or ${elsewhere}. ` +
        'If it is the same database at a new address: npm start -- --database-moved',
    );
};

/**
 * A new state directory makes principals of its own, and passwords for the roles: on another installation's databases
 * the former would let strangers in and the latter lock the owner out. Called before anything is written, here or
 * there.
 * @param {{ dir: string, url?: string | undefined, moved?: boolean | undefined }} options
 * @throws {Trouble} when the databases have something in them and the state directory does not know them
 */
export const refuseOthersData = async ({ dir, url, moved = false }) => {
  if (!url || moved || databaseOf(dir) !== undefined) return;
  const { client, parsed, existing } = await connectOperators(url);
  await client.end().catch(() => undefined);
  for (const [service, its] of Object.entries(existing))
    if (await hasTables(service, its))
      throw new Trouble(
        `the database nefos_${service} at ${addressOf(parsed)} belongs to another installation, and ${dir} is new: ` +
          "use that one's state directory (NEFOS_START_STATE) or another PostgreSQL. " +
          'If its state directory is lost: docs/operations.md, "A lost state directory"',
      );
};

/**
 * @param {{ dir: string, env: Record<string, string | undefined>, passwords: Record<string, string>,
 *   say: (line: string) => void, look?: Look }} options
 *   `look` gets the databases that are on the operator's server already, before anything is changed there; it throws to
 *   keep it so
 * @returns {Promise<Opened>}
 */
export const openDatabases = async ({ dir, env, passwords, say, look = async () => undefined }) =>
  env.NEFOS_DATABASE_URL
    ? openOperators(env.NEFOS_DATABASE_URL, passwords, look)
    : openEmbedded(dir, env, passwords, say);
