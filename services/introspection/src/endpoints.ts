import type { Endpoint } from '@nefos/service-kit';
import { discoveryEndpoints } from './access/api/discovery.js';
import { machineEndpoints } from './bmc/api/machines.js';
import type { IntrospectionCtx } from './ctx.js';
import { registryCore } from './nodes/api/index.js';
import { provisioningEndpoints } from './provisioning/api/provisioning.js';
import { dryRunEndpoints } from './reports/api/dry-run.js';
import { continueInspectionEndpoints, reportEndpoints } from './reports/api/reports.js';
import { inspectionRuleEndpoints } from './rules/api/inspection-rules.js';
import { ruleEndpoints } from './rules/api/rules.js';
import { runExtraEndpoints } from './runs/api/extras.js';
import { runEndpoints } from './runs/api/introspection.js';

/** The inspector API. */
export const inspectorEndpoints: Endpoint<IntrospectionCtx>[] = [
  ...discoveryEndpoints,
  ...runEndpoints,
  ...runExtraEndpoints,
  ...reportEndpoints,
  ...dryRunEndpoints,
  ...ruleEndpoints,
];
/** The registry: the subset of the Bare Metal API, under /baremetal. */
export const registryEndpoints: Endpoint<IntrospectionCtx>[] = [
  ...registryCore,
  ...machineEndpoints,
  ...continueInspectionEndpoints,
  ...provisioningEndpoints,
  ...inspectionRuleEndpoints,
];
export const endpoints = [...inspectorEndpoints, ...registryEndpoints];
