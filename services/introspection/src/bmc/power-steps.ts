/**
 * The steps of a power order. `…_sent` is written down before the command goes out: who comes after a crash does not
 * know whether it did, and looks first.
 */
export type PowerStep =
  'prepare' | 'device' | 'look' | 'off' | 'off_sent' | 'soft' | 'soft_sent' | 'on' | 'on_sent' | 'done';
