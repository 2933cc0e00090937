import type { InstanceTraffic } from '../domain/traffic.js';

/** What an instance has carried (contract compute §14.3). */
export const trafficView = ({ instance: i, days }: InstanceTraffic) => ({
  current_month_traffic: i.monthTraffic,
  current_cycle_traffic: i.cycleTraffic,
  traffic_limit_bytes: i.trafficLimit,
  traffic_action: i.trafficAction,
  traffic_blocked: i.trafficBlocked,
  days: days.map(({ day, rxBytes, txBytes }) => ({ date: day, rx_bytes: rxBytes, tx_bytes: txBytes })),
});
