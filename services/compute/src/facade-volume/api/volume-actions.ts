import { facadeVolume } from '@nefos/contracts';
import { endpointFor, Fault, Reply, type Endpoint } from '@nefos/service-kit';
import type { z } from 'zod';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { isTrue } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { requestAttach, requestDetach } from '../../instances/domain/volumes.js';
import { changeImageMetadata } from '../../volumes/domain/labels.js';
import { getSnapshot } from '../../volumes/domain/snapshots.js';
import {
  changeVolume,
  deleteVolume,
  extendVolume,
  resetVolume,
  revertVolume,
  uploadVolume,
} from '../../volumes/domain/volumes.js';
import { sentenceOf, wordingOf } from '../../refusals.js';
import { inCinderWords } from '../domain/cinder-words.js';
import { demandKeys } from './metadata.js';
import { demandKnown, demandSince, refuseAbsent } from './refuse.js';
import { imageMetadataOf, statusNamed, volumeView } from './views.js';
import { ofVolume, volumeRow } from './volumes.js';

const endpoint = endpointFor<ComputeCtx>();
type Body = z.infer<typeof facadeVolume.volumeActions>;
type Name = keyof Body;
type Done = Promise<Reply | undefined>;
type Action<N extends Name> = (ctx: ComputeRequest, id: string, args: NonNullable<Body[N]>) => Done;

const quiet = (work: Promise<unknown>): Done => work.then(() => undefined);
const ofOthers = (what: string) => (): Done => refuseAbsent(what);
const INNER = ofOthers('the compute service attaches and detaches volumes itself: use the server.');
const upload: Action<'os-volume_upload_image'> = async (ctx, id, args) => {
  demandKnown(ctx, args, { visibility: 1, protected: 1 });
  const format = args.disk_format ?? 'raw';
  if (format !== 'raw' && format !== 'qcow2')
    throw faceFault('invalid', `Invalid input for field/attribute disk_format. Value: ${format}. Use raw or qcow2.`);
  if (args.visibility && args.visibility !== 'private' && args.visibility !== 'shared')
    refuseAbsent('an image of a volume is private at first.');
  if (isTrue(args.protected)) refuseAbsent('an image of a volume is not protected at first.');
  if ((await volumeRow(ctx, id)).status === 'in-use' && !isTrue(args.force))
    throw faceFault('invalid', `Invalid volume: Volume ${id} status must be available, unless the upload is forced.`);
  const { imageId } = await uploadVolume(ctx, id, { name: args.image_name, diskFormat: format });
  const row = await volumeRow(ctx, id);
  const view = volumeView(ctx, row);
  return new Reply({
    'os-volume_upload_image': {
      id,
      updated_at: view.updated_at,
      status: view.status,
      display_description: view.description,
      size: view.size,
      volume_type: row.typeName === null ? null : { id: row.typeId, name: row.typeName },
      image_id: imageId,
      container_format: 'bare',
      disk_format: format,
      image_name: args.image_name,
      ...(since(ctx, 1) && { visibility: 'private', protected: false }),
    },
  });
};
const shownImage = async (ctx: ComputeRequest, id: string): Promise<Reply> =>
  new Reply({ metadata: imageMetadataOf(await volumeRow(ctx, id)) }, { status: 200 });

const reverted = async (ctx: ComputeRequest, id: string, snapshot: string): Promise<void> => {
  try {
    await getSnapshot(ctx, snapshot);
  } catch (err) {
    if (!(err instanceof Fault && err.kind === 'not_found')) throw err;
    throw faceFault('invalid', `Specified snapshot ${snapshot} is None or not the latest one of volume ${id}.`);
  }
  await revertVolume(ctx, id, snapshot);
};
/** A state that does not allow it is a 409 here, and a 400 everywhere else. */
const asConflict = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (err) {
    const wording = err instanceof Fault && err.kind === 'conflict' ? wordingOf(err.code) : undefined;
    throw wording && err instanceof Fault ? faceFault('conflict', sentenceOf(wording, err.params)) : err;
  }
};
const ofAdmins =
  (what: string) =>
  (ctx: ComputeRequest): Done => {
    demandAdmin(ctx);
    return refuseAbsent(what);
  };

const ACTIONS: { [N in Name]-?: Action<N> } = {
  'os-extend': async (ctx, id, { new_size: size }) => {
    if (!since(ctx, 42) && (await volumeRow(ctx, id)).status === 'in-use')
      throw faceFault(
        'invalid',
        `Invalid volume: Volume ${id} status must be 'available' to extend, currently in-use.`,
      );
    return quiet(extendVolume(ctx, id, Number(size)));
  },
  'os-reset_status': (ctx, id, { status, attach_status: attached, migration_status: migration }) => {
    demandAdmin(ctx);
    if (!status || attached || migration) return refuseAbsent('only the status can be set.');
    return quiet(resetVolume(ctx, id, statusNamed(status)));
  },
  'os-force_delete': (ctx, id) => {
    demandAdmin(ctx);
    return quiet(deleteVolume(ctx, id));
  },
  'os-set_bootable': async (ctx, id, { bootable }) => {
    await changeVolume(ctx, id, { bootable: isTrue(bootable) });
    return new Reply(undefined, { status: 200 });
  },
  'os-update_readonly_flag': (_ctx, _id, { readonly }) =>
    isTrue(readonly)
      ? refuseAbsent('volumes are attached for reading and writing: a read-only flag would not be kept.')
      : quiet(Promise.resolve()),
  'os-attach': (ctx, id, { instance_uuid: instance, mountpoint, mode }) => {
    if (!instance) return refuseAbsent('a volume is attached to a server: name it by instance_uuid.');
    if (mode === 'ro') return refuseAbsent('volumes are attached for reading and writing.');
    return quiet(
      named(
        () => requestAttach(ctx, instance, { volume: id, device: mountpoint ?? null, deleteOnTermination: false }),
        `Instance ${instance} could not be found.`,
      ),
    );
  },
  'os-detach': async (ctx, id, args) => {
    const { attachments } = await volumeRow(ctx, id);
    const found = attachments.find((one) => !args.attachment_id || one.id === args.attachment_id);
    if (!found) throw faceFault('invalid', `Invalid volume: Unable to detach volume. Volume ${id} is not attached.`);
    await requestDetach(ctx, found.instanceId, id);
    return undefined;
  },
  'os-begin_detaching': INNER,
  'os-roll_detaching': INNER,
  'os-reserve': INNER,
  'os-unreserve': INNER,
  'os-initialize_connection': INNER,
  'os-terminate_connection': INNER,
  'os-force_detach': ofAdmins('the compute service attaches and detaches volumes itself: use the server.'),
  'os-migrate_volume': ofAdmins('volumes stay where they are: migration is not supported.'),
  'os-migrate_volume_completion': ofAdmins('volumes stay where they are: migration is not supported.'),
  // It came with 3.68, which is not offered.
  'os-reimage': (ctx) => {
    demandSince(ctx, 68);
    return refuseAbsent('a volume is not filled again from an image: make a new one.');
  },
  'os-unmanage': ofAdmins('volumes are not given up to their storage.'),
  'os-retype': async (ctx, id, { new_type: wanted }) => {
    const { typeId, typeName } = await volumeRow(ctx, id);
    throw typeId !== null && [typeId, typeName].includes(wanted)
      ? faceFault('invalid', `Invalid volume: Retype of volume ${id} to its own type.`)
      : faceFault('invalid', 'Invalid input received: a volume keeps its type: make one of the other type from it.');
  },
  'os-volume_upload_image': upload,
  'os-set_image_metadata': async (ctx, id, { metadata }) => {
    const words = demandKeys(metadata);
    await changeImageMetadata(ctx, id, (old) => ({ ...old, ...words }));
    return shownImage(ctx, id);
  },
  'os-unset_image_metadata': async (ctx, id, { key }) => {
    await changeImageMetadata(ctx, id, (old) => {
      if (!Object.hasOwn(old, key)) throw faceFault('not_found', 'Metadata does not exist.');
      return Object.fromEntries(Object.entries(old).filter(([one]) => one !== key));
    });
    return new Reply(undefined, { status: 200 });
  },
  'os-show_image_metadata': shownImage,
  revert: (ctx, id, { snapshot_id: snapshot }) => {
    demandSince(ctx, 40);
    return quiet(asConflict(() => reverted(ctx, id, snapshot)));
  },
};
const act = <N extends Name>(ctx: ComputeRequest, id: string, name: N, args: Body[N]): Done =>
  (ACTIONS as { [K in N]: Action<K> })[name](ctx, id, args ?? ({} as NonNullable<Body[N]>));

export const volumeActionEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeVolume.actOnVolume, async (ctx, { params: { id }, body }) => {
    const [name, second] = Object.keys(body) as Name[];
    if (name === undefined || second !== undefined)
      throw faceFault('invalid', 'Malformed request body: it has to have one action.');
    await volumeRow(ctx, id);
    return ofVolume(id, () => inCinderWords(() => act(ctx, id, name, body[name])));
  }),
];
