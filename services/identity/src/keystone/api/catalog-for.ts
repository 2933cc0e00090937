import { callerOf } from '../../access/domain/caller.js';
import type { TokenRecord } from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';
import type { DirectoryData } from '../../catalog/domain/directory.js';
import { readsTheGuide } from '../../catalog/domain/own-names.js';

/**
 * The directory whose services the holder of a token is shown. The demo has two: people of the guide, and those without
 * a token, see the catalog that the guide prints, everybody else what is really served (contract identity §5.7).
 */
export const catalogFor = (all: DirectoryData, token: Pick<TokenRecord, 'user'> | undefined): DirectoryData =>
  all.catalogs ? (readsTheGuide(token && (token.user?.uuid ?? '')) ? all.catalogs.document : all.catalogs.served) : all;
/** The directory whose services the caller is shown. */
export const shownDirectory = async (ctx: IdentityRequest): Promise<DirectoryData> =>
  catalogFor(await ctx.directory.get(), callerOf(ctx).record);
