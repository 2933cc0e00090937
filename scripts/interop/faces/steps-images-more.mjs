// @ts-check
// What of Glance the newer command asks for besides: imports, stores, tasks, definitions of metadata, the cache.
import { absent, fails, shows } from './step.mjs';

const staff = { as: /** @type {const} */ ('staff') };

export const moreImageSteps = [
  shows('image import info', (out) => JSON.stringify(out).includes('web-download')),
  fails('image stage --file {dir}/disk.raw {p}image', /queued state|404/, {
    doc: 'data goes to the image itself: `image create --file`',
  }),
  fails('image import --method glance-direct {p}image', /not supported by this/, {
    doc: '`glance-direct` is; `web-download` is taken',
  }),
  shows('image stores list', (out) => out.length === 1),
  absent('image task list'),
  absent('image metadef namespace list'),
  absent('image metadef resource type list'),
  absent('cached image list', staff),
];
