import type { Hook } from '../../processing/domain/hook.js';
import { DEFAULT_HOOKS, hooksOf } from '../../processing/domain/hooks.js';
import { DEFAULT_SETTINGS, type ProcessingSettings } from '../../processing/domain/settings.js';

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
export const DEFAULT_PIPELINE: PipelineSettings = { hooks: DEFAULT_HOOKS, settings: DEFAULT_SETTINGS, keepLogs: false };
/** @throws Error for settings that contradict each other: the service does not start */
export const makePipeline = ({ hooks, ...rest }: PipelineSettings): Pipeline => ({
  ...rest,
  hooks: hooksOf(hooks, rest.settings),
});
