import type { Hook } from '../../processing/domain/hook.js';
import { DEFAULT_HOOKS, hooksOf } from '../../processing/domain/hooks.js';
import { DEFAULT_SETTINGS, type ProcessingSettings } from '../../processing/domain/settings.js';

/** How reports are processed, as plain data: threads get it, too. */
export interface PipelineSettings {
  /** Names of hooks in their order. */
  hooks: string;
  settings: ProcessingSettings;
}
/** The same, ready for work. */
export interface Pipeline {
  hooks: readonly Hook[];
  settings: ProcessingSettings;
}
export const DEFAULT_PIPELINE: PipelineSettings = { hooks: DEFAULT_HOOKS, settings: DEFAULT_SETTINGS };
/** @throws Error for settings that contradict each other: the service does not start */
export const makePipeline = ({ hooks, settings }: PipelineSettings): Pipeline => ({
  hooks: hooksOf(hooks, settings),
  settings,
});
