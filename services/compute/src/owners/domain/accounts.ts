/** The account behind a client, as metering gets it; published in the caller's transaction. */
export { payers, publishAccount, type EventAccount } from '../store/accounts.js';
