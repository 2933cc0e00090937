import { facadeCompute } from '@nefos/contracts';
import { Reply } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { faceFault } from '../../facade/api/refused.js';
import { readConsole } from '../../instances/domain/actions.js';
import { requestPassword, requestRescue, requestUnrescue } from '../../instances/domain/rescues.js';
import { requestSnapshot, type SnapshotInput } from '../../instances/domain/snapshots.js';
import { action } from './action.js';
import { onServer } from './in-nova.js';
import { consoleOf } from './server-consoles.js';

const { serverActionBodies: bodies } = facadeCompute;
/** More than any console keeps. */
const MOST_LINES = 10_000;

/** Makes an image, and says where it is as the asked microversion has it. */
const image = async (ctx: ComputeRequest, id: string, input: SnapshotInput): Promise<Reply> => {
  const { imageId } = await onServer(id, () => requestSnapshot(ctx, id, input));
  return since(ctx, 45)
    ? new Reply({ image_id: imageId }, { status: 202 })
    : new Reply(undefined, { status: 202, headers: { Location: publicUrl(ctx, `/image/v2/images/${imageId}`) } });
};
const BACKUP_TYPES: Record<string, 'daily' | 'weekly' | 'manual'> = {
  daily: 'daily',
  weekly: 'weekly',
  manual: 'manual',
  '': 'manual',
};
/** How many lines are asked for: absent, null and -1 are all. */
const linesOf = (length: string | number | null | undefined): number => {
  const lines = Number(length ?? -1);
  return lines < 0 ? MOST_LINES : Math.min(lines, MOST_LINES);
};
/** The calls for consoles of before 2.6. */
const console = (name: string, types: readonly string[]) =>
  action(
    name,
    bodies.console,
    async (ctx, id, { type }) => {
      if (!types.includes(type))
        throw faceFault(
          'invalid',
          `Invalid input for field/attribute type. Value: ${type}. '${type}' is not one of [${types
            .map((one) => `'${one}'`)
            .join(', ')}]`,
        );
      return new Reply({ console: { type, url: await consoleOf(ctx, id, type) } }, { status: 200 });
    },
    { until: 6 },
  );

/** What is done with the system in a server, and images of it. */
export const guestActions = [
  action('rescue', bodies.rescue, async (ctx, id, body) => {
    const [given, imageId] = [body?.adminPass ?? null, body?.rescue_image_ref ?? null];
    const missing = { image: faceFault('invalid', `Image ${imageId ?? ''} could not be found.`) };
    const asked = { image: imageId, rootPassword: given };
    const { password } = await onServer(id, () => requestRescue(ctx, id, asked), { missing });
    return new Reply({ adminPass: given ?? password ?? '' }, { status: 200 });
  }),
  action('unrescue', bodies.nothing, async (ctx, id) => {
    await onServer(id, () => requestUnrescue(ctx, id));
  }),
  action('changePassword', bodies.changePassword, async (ctx, id, { adminPass }) => {
    await onServer(id, () => requestPassword(ctx, id, adminPass));
  }),
  action('createImage', bodies.createImage, (ctx, id, { name, metadata = {} }) =>
    image(ctx, id, { name, properties: metadata, backup: null }),
  ),
  action('createBackup', bodies.createBackup, (ctx, id, { name, backup_type: word, rotation, metadata = {} }) => {
    const type = Object.hasOwn(BACKUP_TYPES, word) ? BACKUP_TYPES[word] : undefined;
    if (!type)
      throw faceFault(
        'invalid',
        `Invalid input for field/attribute backup_type. Value: ${word.slice(0, 100)}. It is daily, weekly or manual.`,
      );
    return image(ctx, id, { name, properties: metadata, backup: { type, rotation: Number(rotation) } });
  }),
  action('os-getConsoleOutput', bodies.consoleOutput, async (ctx, id, { length }) => {
    const codes = { 'instance.not_launched': faceFault('conflict', `Instance ${id} is not ready`) };
    const output = await onServer(id, () => readConsole(ctx, id, linesOf(length)), { codes });
    return new Reply({ output }, { status: 200 });
  }),
  console('os-getVNCConsole', ['novnc', 'xvpvnc']),
  console('os-getSPICEConsole', ['spice-html5']),
  console('os-getRDPConsole', ['rdp-html5']),
  console('os-getSerialConsole', ['serial']),
];
