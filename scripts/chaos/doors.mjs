// @ts-check
// The endpoints at which a token can be shown, and whether it is accepted there.
/** The X-RH-IDENTITY header of an account. */
export const identityHeader = (account) =>
  Buffer.from(JSON.stringify({ identity: { account_number: String(account) } })).toString('base64');
// 404 at compute: the user was deleted while the request was on its way.
const DOORS = {
  'compute /api/current-user': (key) => [
    'GET',
    '/api/current-user',
    { headers: { Authorization: `Token ${key}` }, expect: [200, 401, 403, 404] },
  ],
  'identity v2 tokens': (key) => [
    'POST',
    '/identity/v2.0/tokens',
    { json: { auth: { token: { id: key } } }, expect: [200, 401] },
  ],
  'identity v3 tokens': (key) => [
    'GET',
    '/identity/v3/auth/tokens?nocatalog',
    { headers: { 'X-Auth-Token': key, 'X-Subject-Token': key }, expect: [200, 401, 404] },
  ],
  'metering /v2/instances/': (key) => [
    'GET',
    '/v2/instances/?limit=1',
    { headers: { Authorization: `Bearer ${key}` }, expect: [200, 401, 403] },
  ],
};
export const doorsOf = (kind) => Object.keys(DOORS).filter((door) => kind === 'portal' || door.startsWith('identity'));

/** @returns {Promise<{accepted: boolean | undefined, startedAt: number}>} undefined: nobody answered */
export const showAt = async (wire, door, key) => {
  const [method, path, options] = DOORS[door](key);
  const { status, startedAt } = await wire.ask(method, path, options);
  return { accepted: status === 200 ? true : status >= 400 && status < 500 ? false : undefined, startedAt };
};
