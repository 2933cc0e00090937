import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { pageOfConfigurations, pageOfCurrencies, type Configuration, type Currency } from '../store/configurations.js';

export type { Configuration, Currency };
/** @throws Fault not_found/page, invalid/filter */
export const listConfigurations = (ctx: ComputeCtx, query: Query): Promise<Page<Configuration>> =>
  pageOfConfigurations(dbOf(ctx), query);
/** @throws Fault not_found/page, invalid/filter */
export const listCurrencies = (ctx: ComputeCtx, query: Query): Promise<Page<Currency>> =>
  pageOfCurrencies(dbOf(ctx), query);
