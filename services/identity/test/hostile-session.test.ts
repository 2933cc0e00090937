import { useHostileSessions } from '@nefos/testing';

// The requests of these files once more, with a database whose session settings are the opposite of ours.
useHostileSessions();
import './contract/astakos.replay.test.js';
import './keystone/tokens.test.js';
import './keystone/v3.test.js';
import './sign-in/sign-in.test.js';
