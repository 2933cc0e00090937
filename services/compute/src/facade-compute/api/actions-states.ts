import { facadeCompute } from '@nefos/contracts';
import { Reply } from '@nefos/service-kit';
import { since } from '../../facade/api/microversion.js';
import { faceFault } from '../../facade/api/refused.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { requestDelete, requestShelving, resetState } from '../../instances/domain/actions.js';
import { lockInstance } from '../../instances/domain/instances.js';
import { requestMigration } from '../../instances/domain/migrations.js';
import { confirmResize, requestResize, revertResize } from '../../instances/domain/resizes.js';
import { action } from './action.js';
import { getServer, onServer } from './in-nova.js';
import { refuseNewer } from './versioned.js';

const { serverActionBodies: bodies } = facadeCompute;

/** What Nova says of a state that does not allow it. */
const notInState = (word: string, id: string, state: string) =>
  faceFault('conflict', `Cannot '${word}' instance ${id} while it is in vm_state ${state}`);

/** Locks, sizes, hosts and shelves. */
export const stateActions = [
  action('lock', bodies.lock, async (ctx, id, body) => {
    refuseNewer(ctx, body ?? {}, { locked_reason: 73 });
    await onServer(id, () => lockInstance(ctx, id, true, body?.locked_reason));
  }),
  action('unlock', bodies.nothing, async (ctx, id) => {
    await onServer(id, () => lockInstance(ctx, id, false));
  }),
  action('resize', bodies.resize, async (ctx, id, { flavorRef }) => {
    const missing = { flavor: faceFault('invalid', `Flavor ${flavorRef} could not be found.`) };
    await onServer(id, () => requestResize(ctx, id, flavorRef), { missing });
  }),
  action('confirmResize', bodies.nothing, async (ctx, id) => {
    await onServer(id, () => confirmResize(ctx, id));
    return new Reply(undefined, { status: 204 });
  }),
  action('revertResize', bodies.nothing, async (ctx, id) => {
    await onServer(id, () => revertResize(ctx, id));
  }),
  action('shelve', bodies.nothing, async (ctx, id) => {
    await onServer(id, () => requestShelving(ctx, id, 'shelve'));
  }),
  // A shelved server is on no host here: there is nothing left to do.
  action('shelveOffload', bodies.nothing, async (ctx, id) => {
    const { vmState } = await getServer(ctx, id);
    demandAdmin(ctx);
    throw notInState('shelveOffload', id, vmState);
  }),
  action('unshelve', bodies.unshelve, async (ctx, id, body) => {
    refuseNewer(ctx, body ?? {}, { availability_zone: 77 });
    if (body && body.availability_zone !== 'nova')
      throw faceFault('invalid', 'The requested availability zone is not available');
    await onServer(id, () => requestShelving(ctx, id, 'unshelve'));
  }),
  action('migrate', bodies.migrate, async (ctx, id, body) => {
    refuseNewer(ctx, body ?? {}, { host: 56 });
    await onServer(id, () => requestMigration(ctx, id, { live: false, host: body?.host ?? null }));
  }),
  // Whether disks are copied is for the region's driver to find out.
  action('os-migrateLive', bodies.migrateLive, async (ctx, id, body) => {
    refuseNewer(ctx, body, { force: 30 });
    if ((Object.hasOwn(body, 'disk_over_commit') && since(ctx, 25)) || (Object.hasOwn(body, 'force') && since(ctx, 68)))
      throw faceFault(
        'invalid',
        `Additional properties are not allowed ('${since(ctx, 68) && Object.hasOwn(body, 'force') ? 'force' : 'disk_over_commit'}' was unexpected)`,
      );
    await onServer(id, () => requestMigration(ctx, id, { live: true, host: body.host }));
  }),
  action('os-resetState', bodies.resetState, async (ctx, id, { state }) => {
    await onServer(id, () => resetState(ctx, id, state));
  }),
  action('forceDelete', bodies.nothing, async (ctx, id) => {
    await onServer(id, () => requestDelete(ctx, id));
  }),
  // What is deleted is gone at once.
  action('restore', bodies.nothing, async (ctx, id) => {
    throw notInState('restore', id, (await getServer(ctx, id)).vmState);
  }),
  action(
    'trigger_crash_dump',
    bodies.nothing,
    async (ctx, id) => {
      await getServer(ctx, id);
      throw faceFault('invalid', 'Triggering crash dump is not supported');
    },
    { from: 17 },
  ),
];
