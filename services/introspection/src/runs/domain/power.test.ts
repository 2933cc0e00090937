import { isPersistent } from './power.js';

it.each(['Always', 'true', 'True', '1', 'yes', 'on', true, 1])('force_persistent_boot_device %p is', (value) => {
  expect(isPersistent({ force_persistent_boot_device: value })).toBe(true);
});
it.each(['Default', 'Never', 'false', '', false, null, 0, {}])('force_persistent_boot_device %p is not', (value) => {
  expect(isPersistent({ force_persistent_boot_device: value })).toBe(false);
});
