// @ts-check
// Readers: metering by both of its doors, tokens that must be good, tokens that must not be.
import { identityHeader, doorsOf, showAt } from './doors.mjs';

/** After this time no service may accept a revoked token. */
export const REVOKED_MS = 5000;
/**
 * Compute refuses a portal token from the moment of its end. Identity and metering learn of it from compute's queue,
 * which delivers nothing during a storm of faults: for them the time counts from the storm's end.
 */
const QUEUE_MS = 30_000;
const learnsByQueue = (token, door) => token.doors === 'portal' && !door.startsWith('compute');
const today = () => new Date().toISOString().slice(0, 10);

export const readLoad = ({ world, wire }) => {
  const usage = async (random) => {
    const tenant = random.one(world.living().filter((one) => one.state === 'there'));
    if (!tenant) return;
    const path = random.one(['/v2/instances/?limit=10', `/v2/concurrent/?start_date=${today()}`, '/v2/accounts/']);
    const headers = { 'X-RH-IDENTITY': identityHeader(tenant.id) };
    const answer = await wire.ask('GET', path, { headers, expect: [200, 401, 403] });
    if (answer.status !== 200 || !path.startsWith('/v2/instances')) return;
    const made = tenant.instances.length;
    if (answer.json().meta.count > made)
      world.violations.push(
        `metering lists ${answer.json().meta.count} instances of client ${tenant.id}, ${made} were made`,
      );
  };
  const good = async (random) => {
    const portal = random.once(0.6);
    const holder = random.one(portal ? world.living() : world.people);
    const token = holder && random.one(holder.tokens.filter((one) => one.state === 'good'));
    if (!token) return;
    const door = random.one(doorsOf(portal ? 'portal' : 'identity'));
    const { accepted } = await showAt(wire, door, token.key);
    if (
      accepted === false &&
      token.state === 'good' &&
      holder.tokens.includes(token) &&
      holder.state === 'there' &&
      !holder.busy
    )
      token.doubted = door;
  };
  const revoked = async (random) => {
    const old = world.revoked.filter((one) => Date.now() - one.at > REVOKED_MS);
    // Mostly young ones: what is wrongly remembered is remembered for a while.
    const token = random.one(random.once(0.7) ? old.slice(-20) : old);
    if (!token) return;
    const door = random.one(doorsOf(token.doors));
    const { accepted, startedAt } = await showAt(wire, door, token.key);
    if (accepted && (!learnsByQueue(token, door) || startedAt - Math.max(token.at, world.disturbedAt) > QUEUE_MS))
      world.accepted.push({
        ...token,
        key: undefined,
        door,
        seconds: (startedAt - token.at) / 1000,
        seenAt: startedAt,
      });
  };
  return { usage, good, revoked };
};
