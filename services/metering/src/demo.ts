import { ConfigError, em, run, type Db, type Tx } from '@nefos/service-kit';
import { In } from 'typeorm';
import { users } from './access/store/users.js';
import { awsAccounts, cloudAccounts } from './accounts/store/tables.js';
import { DEMO } from './demo-data.js';
import { inspectionFacts, rhelDetected } from './images/domain/image-facts.js';
import { awsImages, machineImages } from './images/store/tables.js';
import { awsInstances, instances } from './instances/store/tables.js';
import { recomputeRuns } from './runs/domain/recompute.js';
import { instanceEvents } from './runs/store/tables.js';

const TABLES = [users, awsAccounts, cloudAccounts, awsImages, machineImages, awsInstances, instances];

/**
 * Whether the demo was loaded before. Users are never removed, so they tell.
 * @throws ConfigError when other users have their ids
 */
const isLoaded = async (tx: Tx): Promise<boolean> => {
  const found = await em(tx).findBy(users, { id: In(DEMO.users.map((user) => user.id)) });
  const same = DEMO.users.every(({ id, accountNumber }) =>
    found.some((user) => user.id === id && user.accountNumber === accountNumber),
  );
  if (found.length && !same)
    throw new ConfigError([
      'NEFOS_FIXTURE=demo wants an empty metering database: other users have the ids that its documents show',
    ]);
  return found.length > 0;
};

/** Rows and their AWS parts under the documented ids, of accounts, images and instances. */
const insertDemo = async (tx: Tx): Promise<void> => {
  await em(tx).insert(users, DEMO.users);
  for (const { content, awsAccountId, accountArn, ...account } of DEMO.accounts) {
    await em(tx).insert(awsAccounts, { id: account.id, awsAccountId, accountArn, ...content });
    await em(tx).insert(cloudAccounts, { ...account, awsCloudAccountId: account.id });
  }
  for (const { content, ec2AmiId, ownerAwsAccountId, inspection, ...image } of DEMO.images) {
    const facts = inspectionFacts(inspection);
    await em(tx).insert(awsImages, { id: image.id, ec2AmiId, ownerAwsAccountId, ...content });
    await em(tx).insert(machineImages, {
      ...image,
      awsMachineImageId: image.id,
      inspectionJson: inspection,
      status: inspection === null ? 'pending' : 'inspected',
      rhelDetected: rhelDetected(facts, null, ownerAwsAccountId),
      rhelVersion: facts.rhelVersion,
      syspurpose: facts.syspurpose,
      openshiftChallenged: inspection !== null,
    });
  }
  for (const { content, ec2InstanceId, region, ...instance } of DEMO.instances) {
    const { id, userId } = instance;
    await em(tx).insert(awsInstances, { id, ec2InstanceId, region, ...content });
    // Each user has one account and each instance one image, of the same number.
    await em(tx).insert(instances, { ...instance, awsInstanceId: id, cloudAccountId: userId, machineImageId: id });
  }
  for (const event of DEMO.events) await em(tx).insert(instanceEvents, event);
  for (const { table } of TABLES)
    await run(tx, `select setval(pg_get_serial_sequence('${table}', 'id'), (select max(id) from ${table}))`);
};

/**
 * Loads the demo once; what people changed in it since then stays.
 * @throws ConfigError when the database is in use already
 */
export const loadDemo = (db: Db): Promise<void> =>
  db.transaction(async (tx) => {
    if (await isLoaded(tx)) return;
    await insertDemo(tx);
    await recomputeRuns(
      tx,
      DEMO.instances.map(({ id }) => ({ instanceId: String(id), since: '-infinity' })),
    );
  });
