// @ts-check
// The original's way to a day's concurrency, plainly (contract metering §9.3 and §14): one query for the runs of each
// day, one for their images, about four more per run, inspection results parsed at each look, and a list without
// duplicates found by comparing every entry with every other.
const DAY_MS = 86_400_000;
/** @param {number} time */
const dateOf = (time) => new Date(time).toISOString().slice(0, 10);

/** @typedef {(text: string, values: unknown[]) => Promise<any[]>} Query */
/**
 * @typedef {{ cloud_type: string, cloud_instance_id: string, rhel_version: string | null, syspurpose: unknown }} Entry
 * @typedef {{ time: number, sign: 1 | -1, vcpu: number, memory: number, entry: Entry }} Point the start or the end of a
 *   run
 * @typedef {{ date: string, instances: number, instances_list: Entry[], vcpu: number, memory: number }} Day
 */

/** The start and the end of a run that counts. @param {Query} query @param {any} run @returns {Promise<Point[]>} */
const pointsOf = async (query, run) => {
  const [image] = await query('select * from machine_image where id = $1', [run.machine_image_id]);
  const [aws] = await query('select * from aws_machine_image where id = $1', [image.aws_machine_image_id]);
  const inspection = image.inspection_json ? JSON.parse(image.inspection_json) : {};
  const detected = Boolean(
    aws &&
    (inspection.rhel_enabled_repos_found ||
      inspection.rhel_product_certs_found ||
      inspection.rhel_release_files_found ||
      inspection.rhel_signed_packages_found),
  );
  if (detected === image.rhel_challenged) return [];
  const [instance] = await query('select * from instance where id = $1', [run.instance_id]);
  const [content] = await query('select * from aws_instance where id = $1', [instance.aws_instance_id]);
  const entry = {
    cloud_type: 'aws',
    cloud_instance_id: content.ec2_instance_id,
    rhel_version: JSON.parse(image.inspection_json).rhel_version ?? null,
    syspurpose: JSON.parse(image.inspection_json).syspurpose ?? null,
  };
  const [vcpu, memory] = [run.vcpu ?? 0, run.memory ?? 0];
  /** @type {Point[]} */
  const points = [{ time: run.start_time.getTime(), sign: 1, vcpu, memory, entry }];
  if (run.end_time) points.push({ time: run.end_time.getTime(), sign: -1, vcpu, memory, entry });
  return points;
};
/**
 * Walks the points in order of time.
 * @param {number} from the day's first instant @param {Point[]} points
 * @returns {Day}
 */
const dayOf = (from, points) => {
  points.sort((a, b) => a.time - b.time);
  const running = { instances: 0, vcpu: 0, memory: 0 };
  const most = { ...running };
  /** @type {Entry[]} */
  const list = [];
  for (const { sign, vcpu, memory, entry } of points) {
    running.instances += sign;
    running.vcpu += sign * vcpu;
    running.memory += sign * memory;
    most.instances = Math.max(most.instances, running.instances);
    most.vcpu = Math.max(most.vcpu, running.vcpu);
    most.memory = Math.max(most.memory, running.memory);
    const known = list.findIndex((other) => JSON.stringify(other) === JSON.stringify(entry));
    if (known >= 0) list.splice(known, 1);
    list.push(entry);
  }
  return { date: dateOf(from), instances: most.instances, instances_list: list, vcpu: most.vcpu, memory: most.memory };
};

/**
 * @param {import('pg').Client} db
 * @param {string} userId @param {string} first date of the first day @param {number} days
 * @returns {Promise<{ days: Day[], queries: number }>} the days from `first` on, as the wire shows them
 */
export const originalUsage = async (db, userId, first, days) => {
  let queries = 0;
  /** @type {Query} */
  const query = async (text, values) => {
    queries += 1;
    return (await db.query(text, values)).rows;
  };
  const results = [];
  for (let d = 0; d < days; d += 1) {
    const from = Date.parse(`${first}T00:00:00Z`) + d * DAY_MS;
    const runs = await query(
      `select r.id, r.instance_id, i.machine_image_id, r.start_time, r.end_time, r.vcpu, r.memory
       from run r join instance i on i.id = r.instance_id
       where r.user_id = $1 and r.start_time < $3 and (r.end_time is null or r.end_time >= $2) order by r.id`,
      [userId, new Date(from), new Date(from + DAY_MS)],
    );
    await query('select id from machine_image where id = any($1)', [[...new Set(runs.map((r) => r.machine_image_id))]]);
    const points = [];
    for (const run of runs) points.push(...(await pointsOf(query, run)));
    results.push(dayOf(from, points));
  }
  return { days: results, queries };
};
