/** The account behind a client, as metering gets it; published in the caller's transaction. */
export { eventAccounts, publishAccount, type EventAccount } from '../store/accounts.js';
