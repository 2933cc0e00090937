import type { ComputeCtx } from '../../ctx.js';
import { refusal } from '../../refusals.js';

/** Where the secret of a webhook stands: it opens there only. */
const placeOf = (webhookId: string) => ({ table: 'webhook', column: 'secret', row: webhookId });

/** @throws Fault conflict/secrets.no_key */
export const sealSecret = ({ secrets }: Pick<ComputeCtx, 'secrets'>, webhookId: string, secret: string): string => {
  if (secrets.keyId === null) throw refusal('conflict', 'secrets.no_key');
  return secrets.seal(secret, placeOf(webhookId));
};
/** @throws SecretError: the key is another one, or the text was changed */
export const openSecret = ({ secrets }: Pick<ComputeCtx, 'secrets'>, webhookId: string, sealed: string): string =>
  secrets.open(sealed, placeOf(webhookId));
