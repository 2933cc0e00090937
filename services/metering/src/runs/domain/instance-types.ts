import type { Db } from '@nefos/service-kit';
import { insertTypes, type TypeSize } from '../store/instance-types.js';

export type { TypeSize };

/** `vcpu/GiB` by size; families of one line have the same sizes. */
const FAMILIES: Record<string, Record<string, string>> = {
  t2: { nano: '1/0.5', micro: '1/1', small: '1/2', medium: '2/4', large: '2/8', xlarge: '4/16', '2xlarge': '8/32' },
  't3 t3a t4g': {
    nano: '2/0.5',
    micro: '2/1',
    small: '2/2',
    medium: '2/4',
    large: '2/8',
    xlarge: '4/16',
    '2xlarge': '8/32',
  },
  m4: {
    large: '2/8',
    xlarge: '4/16',
    '2xlarge': '8/32',
    '4xlarge': '16/64',
    '10xlarge': '40/160',
    '16xlarge': '64/256',
  },
  'm5 m6i': {
    large: '2/8',
    xlarge: '4/16',
    '2xlarge': '8/32',
    '4xlarge': '16/64',
    '8xlarge': '32/128',
    '12xlarge': '48/192',
    '16xlarge': '64/256',
    '24xlarge': '96/384',
  },
  m6i: { '32xlarge': '128/512' },
  c4: { large: '2/3.75', xlarge: '4/7.5', '2xlarge': '8/15', '4xlarge': '16/30', '8xlarge': '36/60' },
  c5: {
    large: '2/4',
    xlarge: '4/8',
    '2xlarge': '8/16',
    '4xlarge': '16/32',
    '9xlarge': '36/72',
    '12xlarge': '48/96',
    '18xlarge': '72/144',
    '24xlarge': '96/192',
  },
  'r4 i3': {
    large: '2/15.25',
    xlarge: '4/30.5',
    '2xlarge': '8/61',
    '4xlarge': '16/122',
    '8xlarge': '32/244',
    '16xlarge': '64/488',
  },
  'r5 r6i': {
    large: '2/16',
    xlarge: '4/32',
    '2xlarge': '8/64',
    '4xlarge': '16/128',
    '8xlarge': '32/256',
    '12xlarge': '48/384',
    '16xlarge': '64/512',
    '24xlarge': '96/768',
  },
  x1: { '16xlarge': '64/976', '32xlarge': '128/1952' },
  x1e: {
    xlarge: '4/122',
    '2xlarge': '8/244',
    '4xlarge': '16/488',
    '8xlarge': '32/976',
    '16xlarge': '64/1952',
    '32xlarge': '128/3904',
  },
};

/** The built-in table, so that metering works without AWS (contract metering §10). */
export const BUILT_IN_TYPES: readonly TypeSize[] = Object.entries(FAMILIES).flatMap(([families, sizes]) =>
  families.split(' ').flatMap((family) =>
    Object.entries(sizes).map(([size, text]) => {
      const [vcpu, memory] = text.split('/').map(Number);
      return { instanceType: `${family}.${size}`, vcpu: vcpu as number, memory: memory as number };
    }),
  ),
);

/** Makes the built-in types known; a size that is stored already stays. */
export const loadBuiltInTypes = async (db: Db): Promise<void> => {
  await insertTypes(db, BUILT_IN_TYPES);
};
