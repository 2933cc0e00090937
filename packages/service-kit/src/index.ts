export * from './body.js';
export * from './bootstrap-file.js';
export * from './clock.js';
export * from './components.js';
export * from './config.js';
export * from './cookies.js';
export * from './cors.js';
export * from './ctx.js';
export * from './database-types.js';
export * from './db.js';
export * from './document.js';
export * from './drf.js';
export * from './endpoint.js';
export * from './fast-server.js';
export * from './fault.js';
export * from './figures.js';
export * from './guarded-server.js';
export * from './http-connections.js';
export { type JobContext, type JobHandler } from './job-handler.js';
export * from './jobs.js';
export * from './in-one-transaction.js';
export * from './json-answer.js';
export * from './json.js';
export * from './kept-connection.js';
export * from './failed-work.js';
export * from './lifecycle.js';
export * from './linger.js';
export * from './long-body.js';
export * from './log-throttle.js';
export * from './log.js';
export * from './metrics.js';
export * from './operational.js';
export * from './migrate.js';
export * from './outbox-table.js';
export type { Delivery } from './outbox-receiver.js';
export * from './outbox.js';
export * from './peers.js';
export * from './reconcile.js';
export * from './registry.js';
export * from './request-context.js';
export * from './reseal.js';
export * from './response-check.js';
export * from './restore-mark.js';
export * from './secrets.js';
export * from './security-log.js';
export * from './statements.js';
export * from './table-columns.js';
export * from './table.js';
export * from './target.js';
export * from './time.js';
export { onCommit } from './transaction.js';
export {
  isUpgraded,
  offersUpgrade,
  takeUpgrade,
  type TakesUpgrades,
  type Upgrade,
} from './upgrades.js';
export * from './worker.js';
