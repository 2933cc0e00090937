import { compute } from '@nefos/contracts';

const text = { type: 'string' };
const textOrNone = { type: ['null', 'string'] };
const readOnly = (one: object) => ({ ...one, readOnly: true });
const image = {
  name: 'image',
  properties: {
    id: text,
    name: { type: ['null', 'string'], maxLength: 255 },
    status: readOnly({ type: 'string', enum: ['queued', 'saving', 'importing', 'active', 'killed', 'deactivated'] }),
    visibility: { type: 'string', enum: compute.IMAGE_VISIBILITIES },
    protected: { type: 'boolean' },
    os_hidden: { type: 'boolean' },
    checksum: readOnly(textOrNone),
    os_hash_algo: readOnly(textOrNone),
    os_hash_value: readOnly(textOrNone),
    owner: readOnly(textOrNone),
    container_format: { type: ['null', 'string'], enum: [null, ...compute.CONTAINER_FORMATS] },
    disk_format: { type: ['null', 'string'], enum: [null, ...compute.DISK_FORMATS] },
    min_disk: { type: 'integer' },
    min_ram: { type: 'integer' },
    size: readOnly({ type: ['null', 'integer'] }),
    virtual_size: readOnly({ type: ['null', 'integer'] }),
    tags: { type: 'array', items: { type: 'string', maxLength: 60 } },
    created_at: readOnly(text),
    updated_at: readOnly(text),
    self: readOnly(text),
    file: readOnly(text),
    schema: readOnly(text),
  },
  additionalProperties: { type: 'string' },
  links: [
    { rel: 'self', href: '{self}' },
    { rel: 'enclosure', href: '{file}' },
    { rel: 'describedby', href: '{schema}' },
  ],
};
const member = {
  name: 'member',
  properties: {
    member_id: text,
    image_id: text,
    status: { type: 'string', enum: ['pending', 'accepted', 'rejected'] },
    created_at: text,
    updated_at: text,
    schema: readOnly(text),
  },
};
/** In the order of the contracts: image, images, member, members. */
export const SCHEMAS = [
  image,
  {
    name: 'images',
    properties: { images: { type: 'array', items: image }, first: text, next: text, schema: text },
    links: [
      { rel: 'first', href: '{first}' },
      { rel: 'next', href: '{next}' },
      { rel: 'describedby', href: '{schema}' },
    ],
  },
  member,
  { name: 'members', properties: { members: { type: 'array', items: member }, schema: text } },
];
