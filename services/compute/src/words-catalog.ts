import type { Words } from './wording.js';

export interface Use {
  thing: string;
  users: string;
}

/** How compute refuses what staff write of the catalog (contract compute §8.1). */
export const catalogWords = {
  'catalog.in_use': {
    code: 'invalid_state',
    text: ({ thing, users }: Use) => `The ${thing} is used by ${users}: delete those first.`,
  },
  'catalog.fixed': { code: 'validation', text: 'This can not be changed afterwards.' },
  'flavor.size_fixed': {
    code: 'invalid_state',
    text: 'The size of a flavor can not be changed while instances use it.',
  },
  'network.others': { code: 'invalid_state', text: 'The network is used by instances of other projects.' },
  'subnet.too_small': { code: 'validation', text: 'The network has no room for machines.' },
  'subnet.overlap': {
    code: 'validation',
    text: ({ cidr }: { cidr: string }) => `It overlaps with the subnet ${cidr} of the same network.`,
  },
  'subnet.gateway': {
    code: 'validation',
    text: ({ cidr }: { cidr: string }) => `Enter an address that machines in ${cidr} can have.`,
  },
  'subnet.gateway_used': { code: 'invalid_state', text: 'An instance has this address.' },
  'subnet.pool': {
    code: 'validation',
    text: ({ cidr }: { cidr: string }) => `Enter addresses that machines in ${cidr} can have, the lower one first.`,
  },
  'subnet.pool_overlap': { code: 'validation', text: 'It overlaps with another pool.' },
  'subnet.pool_gateway': { code: 'validation', text: 'It contains the gateway.' },
  'subnet.version': {
    code: 'validation',
    text: ({ version }: { version: number }) => `Enter an IPv${version} address, as those of the network are.`,
  },
} satisfies Words;
