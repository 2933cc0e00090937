/**
 * The advisory locks of all services, by the first of the two numbers that PostgreSQL knows each by. The second says
 * which one is meant; 1 where there is one only. Services may share a database server, never a database, so only
 * locks of one service can meet; the numbers differ anyway.
 */
export const LOCKS = {
  /** Every service: one process migrates at a time. The tests' templates are made under it too. */
  migration: 7146,
  /** Every service with jobs: the hash of a worker pool's id, held while the pool lives. */
  jobWorkers: 77,
  /** Every service with jobs: the hash of a key that one job at a time works on. */
  jobTurns: 81,
  /** Every service with an outbox: one process delivers events at a time. */
  outboxRelay: 78,
  /** compute: the hash of a region's name, while a simulated machine is placed there. */
  simulatedRegion: 79,
  /** compute: the hash of region and backend id, while a machine is made an instance. */
  importedMachine: 80,
  /** identity: the hash of a uuid, while the account with this uuid is made. */
  accountUuid: 7147,
} as const;

/** The channels of LISTEN and NOTIFY of all services, and what a payload is. */
export const CHANNELS = {
  /** Every service with an outbox: an event was published. No payload. */
  outbox: 'nefos_outbox',
  /** identity: what other processes must forget, see its store/notifications. */
  identityStale: 'nefos_identity',
  /** compute: the uuid of a portal user who changed. */
  computeCaller: 'nefos_compute_caller',
  /** compute: the id of a region that was made, changed or deleted. A trigger of the table notifies. */
  computeRegion: 'nefos_compute_region',
  /** compute: an event was recorded. No payload. */
  computeEvents: 'nefos_compute_events',
} as const;
