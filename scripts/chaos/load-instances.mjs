// @ts-check
// Instances: made, switched, renamed, locked and deleted, by their owners and by staff, all at once.
import { field, withFree } from './world.mjs';

const MOST_INSTANCES = 4;
const ACTIONS = { stop: 4, start: 4, reboot: 3, pause: 2, unpause: 2, suspend: 2, resume: 2 };

export const instanceLoad = ({ world, ask, staff, parts }) => {
  const keyOf = (random, tenant) => random.one(tenant.tokens.filter((one) => one.state === 'good'))?.key;
  /** Sometimes staff, sometimes the owner. */
  const someone = (random, tenant, share = 0.5) => {
    const key = random.once(share) ? undefined : keyOf(random, tenant);
    return key ? { token: key, root: '/api' } : { token: staff, root: '/staffapi' };
  };
  const wait = (tenant) => tenant.state !== 'there';
  // A token can be revoked, a client suspended or deleted while the request is on its way: 401, 403, 404 are right
  // then.
  const REFUSALS = [401, 403, 404, 409];
  const remember = (answer, instance, action) => {
    const id = answer.headers['x-operation-id'];
    if (answer.outcome === 'done' && id) world.operations.set(id, { instance, action });
  };

  const create = (random) =>
    withFree(random, world.living(), async (tenant) => {
      if (wait(tenant) || tenant.instances.filter((one) => !one.deleted).length >= MOST_INSTANCES) return;
      const { token, root } = someone(random, tenant);
      const name = world.name('instance') + (random.once(0.2) ? ` sim:delay_ms=${random.whole(0, 2500)}` : '');
      const json = {
        name,
        region: parts.region,
        flavor: parts.flavor,
        nics: [parts.network],
        boot_source: { source_type: 'image', source_id: parts.image },
        ...(root === '/staffapi' && { client: tenant.id }),
      };
      const instance = { name: field(name), first: name, tenant, state: 'maybe', locked: field(false) };
      const answer = await ask('instance.create', 'POST', `${root}/openstack/instances`, {
        token,
        json,
        expect: [201, 400, ...REFUSALS],
      });
      // 400 names a client that is suspended, or gone by now; everything else in the form is right.
      if (answer.status === 400 && !answer.text.includes('"client"'))
        world.violations.push(`an instance was refused: ${answer.text.slice(0, 200)}`);
      if (answer.outcome === 'refused') return;
      tenant.instances.push(instance);
      if (answer.outcome === 'done') {
        instance.id = answer.json().id;
        instance.state = 'there';
        world.instances.set(instance.id, instance);
        remember(answer, instance.id, 'create');
        if (random.once(0.3)) {
          const twin = await answer.repeat();
          if (twin.status === 201 && twin.json().id !== instance.id)
            world.violations.push(
              `the key of instance ${instance.id} was used again and made instance ${twin.json().id}`,
            );
        }
      } else if (answer.outcome === 'lost') instance.state = 'lost';
    });

  const known = (tenant) => tenant.instances.filter((one) => one.id && !one.deleted);
  /** Nobody is kept away: two at once on one instance is what happens to a cloud. */
  const act = async (random) => {
    const tenant = random.one(world.living().filter((one) => known(one).length));
    if (!tenant) return;
    const instance = random.one(known(tenant));
    const action = random.weighted(ACTIONS);
    const { token, root } = someone(random, tenant);
    const json = action === 'reboot' && random.once(0.5) ? { type: random.one(['SOFT', 'HARD']) } : {};
    const answer = await ask(`instance.${action}`, 'POST', `${root}/openstack/instances/${instance.id}/${action}`, {
      token,
      json,
      expect: [200, ...REFUSALS],
    });
    remember(answer, instance.id, action);
  };
  const rename = (random) =>
    withFree(random, world.living(), async (tenant) => {
      const instance = random.one(known(tenant));
      if (!instance || wait(tenant)) return;
      const { token, root } = someone(random, tenant);
      const name = world.name('renamed');
      const answer = await ask('instance.rename', 'POST', `${root}/openstack/instances/${instance.id}/rename`, {
        token,
        json: { name },
        expect: [200, ...REFUSALS],
      });
      if (answer.outcome === 'done' || answer.outcome === 'lost') instance.name.set(name, answer);
      else if (answer.outcome === 'maybe') instance.name.maybe(name);
    });
  const lock = (random) =>
    withFree(random, world.living(), async (tenant) => {
      const instance = random.one(known(tenant));
      if (!instance || wait(tenant)) return;
      const { token, root } = someone(random, tenant, 0.8);
      const locked = !instance.locked.allows(true);
      const path = `${root}/openstack/instances/${instance.id}/${locked ? 'lock' : 'unlock'}`;
      const answer = await ask(`instance.${locked ? 'lock' : 'unlock'}`, 'POST', path, {
        token,
        expect: [200, ...REFUSALS],
      });
      if (answer.outcome === 'done' || answer.outcome === 'lost') instance.locked.set(locked, answer);
      else if (answer.outcome === 'maybe') instance.locked.maybe(locked);
    });
  const remove = (random) =>
    withFree(random, world.living(), async (tenant) => {
      const instance = random.one(known(tenant));
      if (!instance || wait(tenant)) return;
      const { token, root } = someone(random, tenant);
      const answer = await ask('instance.delete', 'DELETE', `${root}/openstack/instances/${instance.id}`, {
        token,
        expect: [200, ...REFUSALS],
      });
      if (answer.outcome === 'done' || (answer.status === 404 && answer.unsure)) instance.deleted = true;
      else if (answer.outcome === 'maybe') instance.deleted = 'maybe';
      remember(answer, instance.id, 'delete');
    });
  const read = async (random) => {
    const tenant = random.one(world.living().filter((one) => one.state === 'there'));
    if (!tenant) return;
    const { token, root } = someone(random, tenant);
    const answer = await ask('look', 'GET', `${root}/openstack/instances?page_size=100`, {
      token,
      expect: [200, 401, 403],
    });
    if (answer.status !== 200 || root !== '/api') return;
    const strange = answer.json().objects.filter((one) => one.client.id !== tenant.id);
    if (strange.length)
      world.violations.push(
        `user ${tenant.user} of client ${tenant.id} saw instance ${strange[0].id} of client ${strange[0].client.id}`,
      );
  };
  return { create, act, rename, lock, remove, read };
};
