// Settings that scripts read themselves, for docs/configuration.md. A test fails when a script reads one that is not
// here.

/** @type {Record<string, { reads: string, default?: string, meaning: string, secret?: boolean }>} */
export const SCRIPT_SETTINGS = {
  NEFOS_DATABASE_URL: {
    reads: '`npm start`, `npm run nefos`',
    default: 'the embedded PostgreSQL',
    secret: true,
    meaning:
      'an existing PostgreSQL >= 15. A superuser: a role and a database are made for each service. A user with ' +
      'CREATEDB: databases `nefos_<service>` are made, one user for all. It needs ICU, as all distributions ' +
      'build it; a database that you make yourself must be UTF8, its locale does not matter',
  },
  NEFOS_START_STATE: {
    reads: '`npm start`, `npm run nefos`, `npm run demo`',
    default: '`.nefos`',
    meaning: 'state directory: data of the embedded PostgreSQL, credentials, tokens of the services, logs',
  },
  NEFOS_START_DATABASE_PORT: {
    reads: '`npm start`',
    default: 'a free one',
    meaning: 'port of the embedded PostgreSQL',
  },
  NEFOS_START_PORT_WAIT_MS: {
    reads: '`npm start`',
    default: '1000; 15000 after a supervisor that was killed',
    meaning: 'milliseconds to wait for ports that others still hold',
  },
  NEFOS_START_LOGS: {
    reads: '`npm start`',
    default: '`files`',
    meaning:
      '`files`: in `logs/` of the state directory. `stdout`: the lines of all services on standard output, for ' +
      'systemd and containers; lines of `npm start` itself are plain text, so a reader of JSON takes the lines ' +
      'that begin with `{`',
  },
  NEFOS_START_LOG_MB: {
    reads: '`npm start`',
    default: '20',
    meaning: 'megabytes after which a log file is put aside (`x.log.1` is the newest old one)',
  },
  NEFOS_START_LOG_FILES: { reads: '`npm start`', default: '5', meaning: 'old log files that are kept' },
  NEFOS_START_RESTARTS: {
    reads: 'services',
    default: '0',
    meaning: 'how often `npm start` has started the service again. It sets this itself',
  },
  NEFOS_DEMO_CREDENTIALS: {
    reads: '`npm run demo`',
    default: '`credentials.json` of the state directory',
    meaning: 'file with other credentials',
  },
  NEFOS_TEST_DATABASE_URL: {
    reads: 'tests',
    default: 'a PostgreSQL of the run',
    secret: true,
    meaning: 'a PostgreSQL for the tests of several runs; `npm test` starts its own',
  },
};
