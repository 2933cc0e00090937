import { useHostileSessions } from '@nefos/testing';

// The requests of these files once more, with a database whose session settings are the opposite of ours.
useHostileSessions();
import './contract/clients.replay.test.js';
import './contract/seed-instances.test.js';
import './clients/clients.list.test.js';
import './billing/credits.test.js';
import './operations/instances.jobs.test.js';
