import { useHostileSessions } from '@nefos/testing';

// The requests of these files once more, with a database whose session settings are the opposite of ours.
useHostileSessions();
import './contract/replay.test.js';
import './ingest/events.test.js';
import './accounts/accounts.delete.test.js';
import './ingest/sigkill.test.js';
