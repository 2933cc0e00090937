/** What metering is told of a client, in the transaction of the caller. */
export { eventAccount, publishAccount } from '../store/accounts.js';
