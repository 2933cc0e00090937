import type { Hook } from '../../processing/domain/hook.js';
import { hooksOf } from '../../processing/domain/hooks.js';
import type { ProcessingSettings } from '../../processing/domain/settings.js';

/** How reports are processed, as plain data: threads get it, too. */
export interface PipelineSettings {
  /** Names of hooks in their order. */
  hooks: string;
  settings: ProcessingSettings;
  /** Whether logs of ramdisks are kept; where they are not, nobody decodes them. */
  keepLogs: boolean;
}
/** The same, ready for work. */
export interface Pipeline {
  hooks: readonly Hook[];
  settings: ProcessingSettings;
  keepLogs: boolean;
}
/** @throws Error for settings that contradict each other: the service does not start */
export const makePipeline = ({ hooks, ...rest }: PipelineSettings): Pipeline => ({
  ...rest,
  hooks: hooksOf(hooks, rest.settings),
});

/** Hooks that make sense of what a BMC says. */
const OUT_OF_BAND = ['root_disk_selection', 'scheduler', 'validate_interfaces', 'capabilities', 'pci_devices'];
/** A BMC knows neither addresses nor which card has booted: all cards become ports, unless none is to. */
export const outOfBandOf = ({ hooks, settings, keepLogs }: PipelineSettings): PipelineSettings => ({
  hooks: hooks
    .split(',')
    .map((name) => name.trim())
    .filter((name) => OUT_OF_BAND.includes(name))
    .join(','),
  settings: {
    ...settings,
    addPorts: settings.addPorts === 'disabled' ? 'disabled' : 'all',
    // Which card boots from the network nobody says.
    updatePxeEnabled: false,
  },
  keepLogs,
});
