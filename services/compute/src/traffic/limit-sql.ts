// SQL of an instance's limit of traffic, over the rows `t` of traffic and `f` of its flavor; either may be missing.

const PROPERTY = `case when jsonb_typeof(f.properties -> 'traffic_limit_bytes') = 'number'
  then floor((f.properties -> 'traffic_limit_bytes')::numeric) end`;
/** Bytes of a month; null: there is no limit. Its own limit goes before the flavor's. */
export const LIMIT_BYTES = `case when coalesce(t.limit_bytes, ${PROPERTY}, -1) >= 0
  then coalesce(t.limit_bytes, ${PROPERTY})::float8 end`;
/** What is done then: its own action, else the flavor's, else `notify`. */
export const LIMIT_ACTION = `coalesce(t.limit_action,
  case when f.properties ->> 'traffic_action' = 'stop' then 'stop' end, 'notify')`;
