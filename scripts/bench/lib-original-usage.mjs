// The original's way to a day's concurrency, plainly (contract metering §9.3 and §14): one query for the runs of each day, one for their
// images, about four more per run, inspection results parsed on each look, and a list without doubles found by comparing all with all.
const DAY = 86_400_000;
const day = (time) => new Date(time).toISOString().slice(0, 10);

/** @param {import('pg').Client} db @returns {Promise<object[]>} the days from `first` on, as the wire shows them */
export const originalUsage = async (db, userId, first, days) => {
  const out = [];
  let queries = 0;
  const query = async (text, values) => {
    queries += 1;
    return (await db.query(text, values)).rows;
  };
  for (let d = 0; d < days; d += 1) {
    const from = Date.parse(`${first}T00:00:00Z`) + d * DAY;
    const runs = await query(
      `select r.id, r.instance_id, i.machine_image_id, r.start_time, r.end_time, r.vcpu, r.memory from run r join instance i on i.id = r.instance_id
        where r.user_id = $1 and r.start_time < $3 and (r.end_time is null or r.end_time >= $2) order by r.id`,
      [userId, new Date(from), new Date(from + DAY)],
    );
    await query('select id from machine_image where id = any($1)', [[...new Set(runs.map((r) => r.machine_image_id))]]);
    const points = [];
    for (const run of runs) {
      const [image] = await query('select * from machine_image where id = $1', [run.machine_image_id]);
      const [aws] = await query('select * from aws_machine_image where id = $1', [image.aws_machine_image_id]);
      const said = image.inspection_json ? JSON.parse(image.inspection_json) : {};
      const detected = Boolean(
        aws &&
        (said.rhel_enabled_repos_found ||
          said.rhel_product_certs_found ||
          said.rhel_release_files_found ||
          said.rhel_signed_packages_found),
      );
      if (detected === image.rhel_challenged) continue;
      const [instance] = await query('select * from instance where id = $1', [run.instance_id]);
      const [content] = await query('select * from aws_instance where id = $1', [instance.aws_instance_id]);
      const entry = {
        cloud_type: 'aws',
        cloud_instance_id: content.ec2_instance_id,
        rhel_version: JSON.parse(image.inspection_json).rhel_version ?? null,
        syspurpose: JSON.parse(image.inspection_json).syspurpose ?? null,
      };
      points.push({ time: run.start_time.getTime(), sign: 1, vcpu: run.vcpu ?? 0, memory: run.memory ?? 0, entry });
      if (run.end_time)
        points.push({ time: run.end_time.getTime(), sign: -1, vcpu: run.vcpu ?? 0, memory: run.memory ?? 0, entry });
    }
    points.sort((a, b) => a.time - b.time);
    const now = { instances: 0, vcpu: 0, memory: 0 };
    const most = { ...now };
    const list = [];
    for (const { sign, vcpu, memory, entry } of points) {
      now.instances += sign;
      now.vcpu += sign * vcpu;
      now.memory += sign * memory;
      for (const key of Object.keys(most)) most[key] = Math.max(most[key], now[key]);
      const known = list.findIndex((other) => JSON.stringify(other) === JSON.stringify(entry));
      if (known >= 0) list.splice(known, 1);
      list.push(entry);
    }
    out.push({
      date: day(from),
      instances: most.instances,
      instances_list: list,
      vcpu: most.vcpu,
      memory: most.memory,
    });
  }
  return { days: out, queries };
};
