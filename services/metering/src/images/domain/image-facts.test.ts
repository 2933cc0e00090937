import { inspectionFacts, isCloudAccess, isMarketplace, rhelDetected } from './image-facts.js';

describe('what an image is (contract metering §7)', () => {
  it.each([
    ['rhel_enabled_repos_found'],
    ['rhel_product_certs_found'],
    ['rhel_release_files_found'],
    ['rhel_signed_packages_found'],
  ])('%s makes it RHEL', (name) => {
    expect(rhelDetected(inspectionFacts(JSON.stringify({ [name]: true })), null, null)).toBe(true);
    expect(rhelDetected(inspectionFacts(JSON.stringify({ [name]: false })), null, null)).toBe(false);
  });
  it.each([['841258680906'], ['219670896067'], ['309956199498']])(
    'names of images that %s publishes tell cloud access and marketplace',
    (owner) => {
      expect([isCloudAccess('RHEL-7.7-ACCESS2-GP2', owner), isMarketplace('RHEL-7.7-Hourly2-GP2', owner)]).toEqual([
        true,
        true,
      ]);
      expect(rhelDetected(inspectionFacts(null), 'x-access2', owner)).toBe(true);
      expect(rhelDetected(inspectionFacts(null), 'x-hourly2', owner)).toBe(false);
    },
  );
  it('anybody else may call an image what they like', () =>
    expect([isCloudAccess('x-Access2', '123456789012'), isMarketplace('x-hourly2', null)]).toEqual([false, false]));
  it('version and purpose are kept; text that is no object says nothing', () => {
    expect(inspectionFacts('{"rhel_version": "7.7", "syspurpose": {"b": 1, "a": 2}}')).toMatchObject({
      rhelVersion: '7.7',
      syspurpose: '{"b":1,"a":2}',
    });
    for (const text of [null, '', '[]', '"x"', '{'])
      expect(inspectionFacts(text)).toMatchObject({ rhelVersion: null, syspurpose: null });
  });
});
