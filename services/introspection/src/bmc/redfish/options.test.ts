import type { JsonObject } from '../../values.js';
import { readRedfishOptions } from './options.js';

describe('driver_info of a Redfish node', () => {
  const full = { redfish_address: 'https://bmc.example', redfish_username: 'u', redfish_password: 'p' };
  it.each([
    ['bmc.example', 'https://bmc.example', '/redfish/v1/', 'bmc.example'],
    ['http://10.0.0.1:8000', 'http://10.0.0.1:8000', '/redfish/v1/', '10.0.0.1'],
    ['https://[fd12::7]:444/', 'https://[fd12::7]:444', '/redfish/v1/', 'fd12::7'],
    ['https://bmc.example/prefix/v1', 'https://bmc.example', '/prefix/v1/', 'bmc.example'],
  ])('address %s', (redfish_address, origin, root, host) =>
    expect(readRedfishOptions({ redfish_address })).toMatchObject({
      ...{ origin, root, host },
      ...{ system: undefined, username: undefined, authentication: 'auto', verify: true },
    }),
  );
  it.each<[JsonObject, string]>([
    [{}, 'driver_info has no redfish_address.'],
    ...['ftp://a', 'https://u:p@a', 'https://a?x', 'https://', 'http://a b', 'a'.repeat(2000), 7].map(
      (redfish_address): [JsonObject, string] => [{ redfish_address }, 'redfish_address is no http'],
    ),
    [{ ...full, redfish_system_id: '//other.example/1' }, 'redfish_system_id'],
    [{ ...full, redfish_system_id: 'Systems/1' }, 'redfish_system_id'],
    [{ ...full, redfish_username: 'a:b' }, 'redfish_username'],
    [{ ...full, redfish_password: 'a\r\nX: y' }, 'redfish_password'],
    [{ ...full, redfish_auth_type: 'digest' }, 'redfish_auth_type'],
    [{ redfish_address: 'a', redfish_auth_type: 'basic' }, 'redfish_auth_type basic needs'],
    [{ ...full, redfish_verify_ca: 'maybe' }, 'redfish_verify_ca'],
    [{ ...full, redfish_verify_ca: [] }, 'redfish_verify_ca'],
  ])('%j is refused, with the reason', (info, reason) =>
    expect(readRedfishOptions(info)).toEqual(expect.stringContaining(reason)),
  );
  it.each([
    ['True', true],
    ['0', false],
    [false, false],
    ['/etc/ca.pem', '/etc/ca.pem'],
  ])('redfish_verify_ca %j', (redfish_verify_ca, verify) =>
    expect(readRedfishOptions({ ...full, redfish_verify_ca })).toMatchObject({ verify }),
  );
});
