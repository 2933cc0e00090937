import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { planList, readListQuery, type Page, type Query } from '../../lists/list-query.js';
import { selectPage } from '../../lists/select-page.js';
import { configurationList, currencyList, type ConfigurationRow, type CurrencyRow } from '../store/configurations.js';

export type { ConfigurationRow, CurrencyRow };
export const listConfigurations = (ctx: ComputeCtx, query: Query): Promise<Page<ConfigurationRow>> =>
  selectPage<ConfigurationRow>(dbOf(ctx), planList(configurationList, readListQuery(configurationList, query)));
export const listCurrencies = (ctx: ComputeCtx, query: Query): Promise<Page<CurrencyRow>> =>
  selectPage<CurrencyRow>(dbOf(ctx), planList(currencyList, readListQuery(currencyList, query)));
