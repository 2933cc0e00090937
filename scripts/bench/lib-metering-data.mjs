// @ts-check
// Rows for the benchmark of metering: a user with an account, images, instances and their runs.
export const FIRST = '2019-06-01';
export const DAYS = 30;
const INSPECTION = JSON.stringify({
  rhel_enabled_repos_found: true,
  rhel_version: '7.7',
  syspurpose: {
    role: 'Red Hat Enterprise Linux Server',
    service_level_agreement: 'Premium',
    usage: 'Development/Test',
  },
});

/** @param {import('pg').Client} db @param {string} number @param {string} user id @param {number} instances */
const insertInstances = async (db, number, user, instances) => {
  await db.query(
    `with w as (insert into aws_cloud_account (aws_account_id, account_arn) values ($1::text, $1) returning id)
     insert into cloud_account (user_id, name, aws_cloud_account_id) select $2::bigint, 'bench', id from w`,
    [String(100_000_000_000 + Number(user)), user],
  );
  await db.query(
    `with w as (
       insert into aws_machine_image (ec2_ami_id)
       select $1::text || '-' || i from generate_series(1, 10) i returning id)
     insert into machine_image (aws_machine_image_id, inspection_json, status, rhel_detected, rhel_version, syspurpose)
     select id, $2::text, 'inspected', true, '7.7', ($2::text::json -> 'syspurpose')::text from w`,
    [`ami-${number}`, INSPECTION],
  );
  await db.query(
    `with w as (
       insert into aws_instance (ec2_instance_id, region)
       select 'i-' || substr(md5($1::text || i), 1, 17), 'us-east-1' from generate_series(1, $2::int) i returning id),
     images as (
       select array_agg(m.id order by m.id) ids
       from machine_image m join aws_machine_image a on a.id = m.aws_machine_image_id where a.ec2_ami_id like $3::text)
     insert into instance (user_id, cloud_account_id, machine_image_id, aws_instance_id)
     select $4::bigint, (select max(id) from cloud_account where user_id = $4), images.ids[1 + w.id % 10], w.id
     from w, images`,
    [number, instances, `ami-${number}-%`, user],
  );
};
/**
 * Inserts a user with instances of RHEL and runs over 30 days: each run starts in the first 30 % of its slot and takes
 * up to `share` of the slot (contract metering §14).
 * @param {import('pg').Client} db
 * @param {string} number of the account
 * @param {number} instances @param {number} runs of each instance @param {number} share 0 to 1
 * @returns {Promise<string>} the user's id
 */
export const load = async (db, number, instances, runs, share) => {
  const { rows } = await db.query('insert into app_user (account_number) values ($1) returning id', [number]);
  const user = rows[0].id;
  await insertInstances(db, number, user, instances);
  await db.query('select setseed(0.5)');
  await db.query(
    `insert into run (user_id, cloud_account_id, instance_id, start_time, end_time, instance_type, vcpu, memory)
     select user_id, cloud_account_id, id, s, s + random() * $3::float8 * interval '30 days' / $2::int,
       'c5.xlarge', 4, 8
     from (
       select i.*, timestamptz '${FIRST} 00:00:00+00' + (n + random() * 0.3) * interval '30 days' / $2::int s
       from instance i, generate_series(0, $2::int - 1) n where i.user_id = $1 offset 0) x
     order by s`,
    [user, runs, share],
  );
  await db.query('analyze');
  return user;
};
