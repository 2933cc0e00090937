// @ts-check
// The demo at identity: a token is shown, and brings the catalog as JSON and as XML.
import { bold, step } from '../lib/progress.mjs';
import { call, gateway, identity, must } from './client.mjs';

export const showIdentity = async () => {
  const who = identity.user ?? identity.admin;
  const json = { auth: { token: { id: who.token } } };
  console.log(bold('\nIdentity'));
  await step('a token is good, and brings the catalog as JSON', async () => {
    const { access } = (await call('POST', '/identity/v2.0/tokens/', { json })).json();
    must(access.token.id === who.token && access.user.id === who.uuid, 'the answer is about the token that was shown');
    /** @type {{ type: string, endpoints: { publicURL: string }[] }[]} */
    const catalog = access.serviceCatalog;
    must(
      catalog.some(
        ({ type, endpoints }) => type === 'identity' && endpoints[0]?.publicURL === `${gateway}/identity/v2.0`,
      ),
      'the catalog leads to this identity service',
    );
    return `${access.user.name}, ${catalog.length} services`;
  });
  await step('the same as XML', async () => {
    const { text, headers } = await call('POST', '/identity/v2.0/tokens/', {
      json,
      headers: { Accept: 'application/xml' },
    });
    must(
      headers.get('content-type')?.startsWith('application/xml') &&
        text.startsWith('<?xml') &&
        text.includes(`<user id="${who.uuid}"`),
      'an XML document about the same user',
    );
    return `${text.length} bytes`;
  });
};
