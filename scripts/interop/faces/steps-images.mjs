// @ts-check
// Images: made, saved, changed, shared.
import { does, fails, shows } from './step.mjs';

const named = (/** @type {any[]} */ rows, /** @type {string} */ name) => rows.find((one) => one.Name === name);

export const imageSteps = [
  shows('image create --disk-format raw --container-format bare --file {dir}/disk.raw {p}image', (out, m) => {
    m.image = out.id;
    return out.name === `${m.p}image`;
  }),
  shows('image list', (out, m) => named(out, `${m.p}image`)?.Status === 'active'),
  shows('image list --long', (out, m) => named(out, `${m.p}image`)),
  shows('image show {p}image', (out, m) => out.id === m.image && out.status === 'active' && out.size === m.size),
  does('image save --file {dir}/{p}saved.raw {p}image'),
  does('image set --property os_distro=debian --property color=red --min-ram 128 --tag good {p}image'),
  shows('image show {p}image', (out) => /red/.test(JSON.stringify(out.properties)) && out.min_ram === 128),
  shows('image list --property color=red', (out, m) => out.length === 1 && named(out, `${m.p}image`)),
  shows('image list --tag good', (out, m) => named(out, `${m.p}image`)),
  does('image unset --property color --tag good {p}image'),
  shows('image show {p}image', (out) => !/red/.test(JSON.stringify(out.properties))),
  does('image set --shared {p}image'),
  // Of a project that is not theirs: identity answers 403, and the command takes the word as the id.
  shows('image add project {p}image {otherProject}', (out, m) => out.image_id === m.image),
  shows('image member list {p}image', (out) => out.length === 1),
  shows('image member get {p}image {otherProject}', (out) => JSON.stringify(out).includes('pending')),
  does('image set --accept {image}', { as: 'stranger' }),
  shows('image show {image}', (out, m) => out.id === m.image, { as: 'stranger' }),
  does('image remove project {p}image {otherProject}'),
  fails('image show {image}', /No Image|not found|could not/i, { as: 'stranger' }),
  does('image set --protected {p}image'),
  fails('image delete {p}image', /protected|403/i),
  does('image set --unprotected {p}image'),
];
export const lastImageSteps = [does('image delete {p}image')];
