import type { ComputeCtx } from '../../ctx.js';
import { planList, readListQuery, type Page, type Query } from '../../lists/list-query.js';
import { selectPage } from '../../lists/select-page.js';
import { configurationList, currencyList, type ConfigurationRow, type CurrencyRow } from '../store/configurations.js';

export type { ConfigurationRow, CurrencyRow };
export const listConfigurations = (ctx: ComputeCtx, query: Query): Promise<Page<ConfigurationRow>> =>
  selectPage<ConfigurationRow>(ctx.db, planList(configurationList, readListQuery(configurationList, query)));
export const listCurrencies = (ctx: ComputeCtx, query: Query): Promise<Page<CurrencyRow>> =>
  selectPage<CurrencyRow>(ctx.db, planList(currencyList, readListQuery(currencyList, query)));
