import type { Request } from 'express';
import type { ComputeCtx } from '../../ctx.js';
import type { Page } from '../list-plan.js';

/** The list envelope of contract compute §3; links are absolute and keep every other parameter. */
export const envelope = <Row, View>(ctx: ComputeCtx, req: Request, page: Page<Row>, view: (row: Row) => View) => {
  const link = (number: number): string => {
    // Path and query only: whatever host a request line names is not ours.
    const { pathname, search } = new URL(req.originalUrl.replace(/^\/+/, '/'), 'http://x');
    const url = new URL(pathname.replace(/^\/+/, '/') + search, ctx.config.NEFOS_PUBLIC_URL);
    url.searchParams.set('page', String(number));
    return url.toString();
  };
  return {
    count: page.total,
    next: page.page * page.pageSize < page.total ? link(page.page + 1) : null,
    previous: page.page > 1 ? link(page.page - 1) : null,
    objects: page.rows.map(view),
    totalCount: page.total,
    pageNo: page.page,
  };
};
