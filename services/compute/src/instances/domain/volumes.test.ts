import type { VolumeAction, VolumeDriver } from '../../ports/driver-volumes.js';
import { checkBoot, type BootInput } from './volumes.js';

const boot = (more: Partial<BootInput>): BootInput => ({
  sourceType: 'image',
  sourceId: 'x',
  createNewVolume: false,
  deleteOnTermination: false,
  volumeType: null,
  volumeSizes: [],
  ...more,
});
const withActions = (...actions: VolumeAction[]): VolumeDriver =>
  ({ capabilities: new Set(actions) }) as unknown as VolumeDriver;
const check = (wanted: BootInput, volumes: VolumeDriver | undefined) => () =>
  checkBoot(wanted, { enableVolumes: true }, volumes);

describe('the boot source, in a region whose machines', () => {
  it.each([
    [{ sourceType: 'volume' as const }, 'source_type'],
    [{ sourceType: 'volumesnapshot' as const }, 'source_type'],
    [{ createNewVolume: true }, 'create_new_volume'],
  ])('start from no volume: %j is refused at its field', (more, field) => {
    let thrown: unknown;
    try {
      check(boot(more), withActions('image', 'clone'))();
    } catch (err) {
      thrown = err;
    }
    expect(JSON.stringify(thrown)).toContain(`"boot_source","${field}"`);
    expect(check(boot(more), withActions('image', 'boot'))).not.toThrow();
  });
  it('start from images only: an image is accepted', () => {
    expect(check(boot({}), withActions('image'))).not.toThrow();
    expect(check(boot({}), undefined)).not.toThrow();
  });
});
