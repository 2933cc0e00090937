import { identity } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import { jsonp } from '../../access/api/jsonp.js';
import type { IdentityCtx } from '../../ctx.js';
import type { Component } from '../domain/components.js';

const endpoint = endpointFor<IdentityCtx>();
const titleCase = (name: string): string =>
  name.replace(
    /(^|[\s_-])(\w)/g,
    (_, gap: string, letter: string) => (gap === '_' || gap === '-' ? ' ' : gap) + letter.toUpperCase(),
  );
const serviceView = (c: Component) => ({
  id: String(c.id),
  name: c.name,
  url: c.url,
  ...(c.icon && { icon: c.icon }),
  verbose_name: titleCase(c.name),
  order: c.position,
  cloudbar: { show: true, title: titleCase(c.name), name: c.name, ...(c.icon && { icon: c.icon }) },
  dashboard: { show: true, order: c.position, description: '' },
});
export const serviceEndpoints = [
  endpoint(identity.getServices, async (ctx, { query }) =>
    jsonp(query.callback, (await ctx.directory.get()).components.filter((c) => c.listed).map(serviceView), {
      'Access-Control-Allow-Origin': '*',
    }),
  ),
];
