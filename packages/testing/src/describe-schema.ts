import { readFileSync } from 'node:fs';
import { openDatabase, type AnyTable, type Db } from '@nefos/service-kit';
import { schemaDrift } from './schema-drift.js';
import { schemaText } from './schema-text.js';
import { cloneDatabase, type Schema } from './template-db.js';

/**
 * The tests of a service's schema, on a migrated database: its declared tables are those of the database, and its
 * `schema.sql` is up to date.
 * @param schema as for `cloneDatabase`
 * @param file the path of `schema.sql`
 * @example describeSchema({ name: 'metering', entities, migrations, log, file: path.join(__dirname, '../schema.sql')
 * })
 */
export const describeSchema = ({
  file,
  ...schema
}: Omit<Schema, 'entities'> & { entities: readonly AnyTable[]; file: string }): void => {
  describe(`the schema of ${schema.name}`, () => {
    let db: Db;
    let drop = (): Promise<void> => Promise.resolve();
    beforeAll(async () => {
      const { entities, ...rest } = schema;
      const clone = await cloneDatabase(rest);
      drop = clone.drop;
      db = await openDatabase({ url: clone.url, entities: [...entities], log: schema.log, applicationName: 'test' });
    });
    afterAll(async () => {
      await db.close();
      await drop();
    });
    it('is what the tables are declared as', async () => {
      expect(await schemaDrift(db, schema.entities)).toEqual([]);
    });
    it('stands in schema.sql: run `npm run schema` after a migration', async () => {
      expect(readFileSync(file, 'utf8')).toBe(await schemaText(db));
    });
  });
};
