import { localTime } from '../../local-time.js';
import type { DeliveryRow, Webhook } from '../domain/webhooks.js';

export const webhookView = (one: Webhook, zone: string) => ({
  id: one.id,
  url: one.url,
  client: one.clientId,
  description: one.description,
  event_types: one.eventTypes,
  enabled: one.enabled,
  disabled_reason: one.disabledReason,
  failures: one.failures,
  failing_since: one.failingSince && localTime(one.failingSince, zone),
  last_error: one.lastError,
  next_attempt_at: one.enabled && one.failures ? localTime(one.nextAttemptAt, zone) : null,
  created_at: localTime(one.createdAt, zone),
  updated_at: localTime(one.updatedAt, zone),
});
export const deliveryView = (one: DeliveryRow, zone: string) => ({
  id: one.id,
  event_type: one.eventType,
  status: one.status,
  attempts: one.attempts,
  response_status: one.responseStatus,
  error: one.error,
  created_at: localTime(one.createdAt, zone),
  attempted_at: one.attemptedAt && localTime(one.attemptedAt, zone),
  body: JSON.parse(one.body) as unknown,
});
