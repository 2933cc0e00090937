import type { Bmc, BmcSite } from '../../src/bmc/domain/driver.js';
import { redfish } from '../../src/bmc/redfish/driver.js';
import type { JsonObject } from '../../src/values.js';
import { RedfishSimulator } from './redfish-simulator.js';

const SYSTEM = '/redfish/v1/Systems/1';
const SESSIONS = '/redfish/v1/SessionService/Sessions';
const RESET = `POST ${SYSTEM}/Actions/ComputerSystem.Reset`;
const UUID = '8d0c5b1e-0f0f-4a9b-9a5d-3a2f6b7c8d90';

describe('the redfish driver, against a simulator', () => {
  let bmc: RedfishSimulator;
  beforeEach(async () => {
    bmc = new RedfishSimulator();
    await bmc.start();
  });
  afterEach(() => bmc.stop());

  const site = { bmc: { networks: ['127.0.0.0/8'], caDirectory: null, timeoutMs: 2000 } } as unknown as BmcSite;
  const open = (info: JsonObject = {}, at: BmcSite = site): Bmc =>
    redfish.connect(
      at,
      {
        uuid: UUID,
        driver: 'redfish',
        info: { redfish_address: bmc.url, redfish_username: bmc.user, redfish_password: bmc.password, ...info },
      },
      new AbortController().signal,
    );
  const use = async <T>(work: (one: Bmc) => Promise<T>, info?: JsonObject): Promise<T> => {
    const one = open(info);
    try {
      return await work(one);
    } finally {
      await one.close();
    }
  };

  it('logs in, finds the only system, reads, and ends its session', async () => {
    expect(await use((one) => one.powerState())).toBe('power off');
    expect(bmc.lines()).toEqual([
      ...['GET /redfish/v1/', `POST ${SESSIONS}`, 'GET /redfish/v1/', 'GET /redfish/v1/Systems', `GET ${SYSTEM}`],
      expect.stringMatching(`^DELETE ${SESSIONS}/token-`),
    ]);
    expect(bmc.sessions.size).toBe(0);
    expect(bmc.find(`GET ${SYSTEM}`)[0]?.headers.authorization).toBeUndefined();
  });
  it('speaks Basic where there are no sessions, and where it is told to', async () => {
    bmc.on(`POST ${SESSIONS}`, { status: 404 }, 1);
    await use((one) => one.powerState());
    await use((one) => one.powerState(), { redfish_auth_type: 'basic' });
    expect(bmc.find(`POST ${SESSIONS}`)).toHaveLength(1);
    const basic = `Basic ${Buffer.from(`${bmc.user}:${bmc.password}`).toString('base64')}`;
    expect(bmc.find(`GET ${SYSTEM}`).map(({ headers }) => headers.authorization)).toEqual([basic, basic]);
  });
  it('speaks Basic where a new session is asked for Basic first', async () => {
    bmc.on(`POST ${SESSIONS}`, { status: 401, headers: { 'WWW-Authenticate': 'Basic realm="BMC"' } });
    expect(await use((one) => one.powerState())).toBe('power off');
    await expect(use((one) => one.powerState(), { redfish_auth_type: 'session' })).rejects.toMatchObject({
      failure: 'credentials',
    });
  });
  it('logs in again once when its session has ended', async () => {
    await use(async (one) => {
      await one.powerState();
      bmc.sessions.clear();
      expect(await one.powerState()).toBe('power off');
      bmc.on('GET /redfish/v1/', { status: 401 }).on(`GET ${SYSTEM}`, { status: 401 });
      await expect(one.powerState()).rejects.toMatchObject({ failure: 'credentials' });
    });
    expect(bmc.find(`POST ${SESSIONS}`)).toHaveLength(3);
  });
  it('wrong credentials are tried once, and what the BMC repeats of them is not passed on', async () => {
    const failed = use((one) => one.powerState(), { redfish_password: 'wrong-and-secret' });
    await expect(failed).rejects.toMatchObject({ failure: 'credentials' });
    await expect(failed).rejects.not.toMatchObject({ message: expect.stringContaining('wrong-and-secret') as string });
    expect(bmc.lines()).toEqual(['GET /redfish/v1/', `POST ${SESSIONS}`]);
    bmc.on(`GET ${SYSTEM}`, { status: 400, body: { error: { message: `bad ${bmc.password}` } } });
    await expect(use((one) => one.powerState(), { redfish_system_id: SYSTEM })).rejects.toMatchObject({
      message: `The BMC answered 400 to GET ${SYSTEM}: bad ******`,
    });
  });
  it('a BMC with several systems needs redfish_system_id', async () => {
    bmc.on('GET /redfish/v1/Systems', {
      status: 200,
      body: { Members: [{ '@odata.id': SYSTEM }, { '@odata.id': '/b' }] },
    });
    await expect(use((one) => one.powerState())).rejects.toMatchObject({ failure: 'configuration' });
    expect(await use((one) => one.powerState(), { redfish_system_id: SYSTEM })).toBe('power off');
  });

  describe('power', () => {
    it('is wanted states only, sent where the BMC says', async () => {
      const target = '/elsewhere/on/it';
      bmc.system = {
        Actions: { '#ComputerSystem.Reset': { target, 'ResetType@Redfish.AllowableValues': ['ForceOn', 'ForceOff'] } },
      };
      bmc.on(`POST ${target}`, { status: 204 });
      await use(async (one) => {
        await one.order('on');
        await one.order('off');
        await expect(one.order('soft off')).rejects.toMatchObject({ failure: 'unsupported' });
      });
      expect(bmc.find(`POST ${target}`).map(({ body }) => body)).toEqual([
        { ResetType: 'ForceOn' },
        { ResetType: 'ForceOff' },
      ]);
    });
    it.each([
      ['409', { status: 409 }, 'busy', undefined],
      ['503 with Retry-After', { status: 503, headers: { 'Retry-After': '7' } }, 'busy', 7000],
      [
        'a value conflict',
        { status: 400, body: { error: { message: 'Value conflict: try later' } } },
        'busy',
        undefined,
      ],
      [
        'a state in which it can not',
        {
          status: 400,
          body: { error: { '@Message.ExtendedInfo': [{ MessageId: 'Base.1.5.ResourceInUse', Message: 'in use' }] } },
        },
        'busy',
        undefined,
      ],
      ['400', { status: 400, body: { error: { message: 'never' } } }, 'refused', undefined],
      ['501', { status: 501 }, 'unsupported', undefined],
    ])('%s means: %j is %s', async (_name, reply, failure, retryAfterMs) => {
      bmc.on(RESET, reply);
      await expect(use((one) => one.order('on'))).rejects.toMatchObject({ failure, retryAfterMs });
      expect(bmc.find(RESET)).toHaveLength(1);
    });
    it('a task that is accepted goes on over there; one that failed is a failure', async () => {
      bmc.on(RESET, { status: 202, headers: { Location: '/redfish/v1/TaskMonitors/1' } });
      bmc.on('GET /redfish/v1/TaskMonitors/1', { status: 202, body: { TaskState: 'Running' } }, 1);
      await use((one) => one.order('on'));
      bmc.on('GET /redfish/v1/TaskMonitors/1', { status: 200, body: { TaskState: 'Exception' } });
      await expect(use((one) => one.order('on'))).rejects.toMatchObject({ failure: 'refused' });
    });
    it('a machine that is changing is neither on nor off', async () => {
      bmc.system = { PowerState: 'PoweringOn' };
      expect(await use((one) => one.powerState())).toBeNull();
    });
  });

  describe('boot device', () => {
    it('once or from now on, and read back', async () => {
      await use(async (one) => {
        await one.setBootDevice('pxe', false);
        expect(await one.bootDevice()).toEqual({ boot_device: 'pxe', persistent: false });
        await one.setBootDevice('disk', true);
        expect(await one.bootDevice()).toEqual({ boot_device: 'disk', persistent: true });
      });
      expect(bmc.find(`PATCH ${SYSTEM}`)[0]?.body).toEqual({
        Boot: { BootSourceOverrideTarget: 'Pxe', BootSourceOverrideEnabled: 'Once' },
      });
    });
    it('is of what the BMC has', async () => {
      bmc.boot = { 'BootSourceOverrideTarget@Redfish.AllowableValues': ['Pxe', 'UsbCd'] };
      await use(async (one) => {
        expect(await one.supportedBootDevices()).toEqual(['pxe', 'cdrom']);
        await one.setBootDevice('cdrom', false);
        await expect(one.setBootDevice('disk', false)).rejects.toMatchObject({ failure: 'unsupported' });
      });
      expect(bmc.find(`PATCH ${SYSTEM}`)[0]?.body).toMatchObject({ Boot: { BootSourceOverrideTarget: 'UsbCd' } });
    });
    it('is changed under the tag it was read with; after 412 once more without the weak prefix', async () => {
      const read = { status: 200, headers: { ETag: 'W/"7"' }, body: { Boot: {}, PowerState: 'Off' } };
      bmc.on(`GET ${SYSTEM}`, read);
      bmc.on(`PATCH ${SYSTEM}`, ({ headers }) => ({ status: headers['if-match'] === '"7"' ? 204 : 412 }));
      await use((one) => one.setBootDevice('pxe', false));
      expect(bmc.find(`PATCH ${SYSTEM}`).map(({ headers }) => headers['if-match'])).toEqual(['W/"7"', '"7"']);
      bmc.on(`PATCH ${SYSTEM}`, { status: 412 });
      await expect(use((one) => one.setBootDevice('pxe', false))).rejects.toMatchObject({ failure: 'refused' });
      expect(bmc.find(`PATCH ${SYSTEM}`)).toHaveLength(4);
    });
    it('after 412 to a strong tag the resource is read again', async () => {
      let version = 1;
      bmc.on(`GET ${SYSTEM}`, () => ({ status: 200, body: { '@odata.etag': `"${version}"`, Boot: {} } }));
      bmc.on(`PATCH ${SYSTEM}`, ({ headers }) => {
        if (headers['if-match'] === '"2"') return { status: 204 };
        version = 2;
        return { status: 412 };
      });
      await use((one) => one.setBootDevice('pxe', false));
      expect(bmc.find(`PATCH ${SYSTEM}`)).toHaveLength(2);
    });
    it('goes to the settings resource when that has it', async () => {
      bmc.system = { '@Redfish.Settings': { SettingsObject: { '@odata.id': `${SYSTEM}/Settings` } } };
      bmc.on(`GET ${SYSTEM}/Settings`, { status: 200, headers: { ETag: '"s"' }, body: { Boot: {} } }, 1);
      bmc.on(`PATCH ${SYSTEM}/Settings`, { status: 200, body: {} });
      await use((one) => one.setBootDevice('pxe', false));
      expect(bmc.find(`PATCH ${SYSTEM}/Settings`)[0]?.headers['if-match']).toBe('"s"');
      bmc.on(`GET ${SYSTEM}/Settings`, { status: 200, body: { Bios: {} } });
      await use((one) => one.setBootDevice('pxe', false));
      expect(bmc.find(`PATCH ${SYSTEM}`)).toHaveLength(1);
    });
    it('is set when the task that sets it has ended', async () => {
      bmc.on(`PATCH ${SYSTEM}`, { status: 202, headers: { Location: '/t' } });
      bmc.on('GET /t', { status: 200, body: { TaskState: 'Completed' } });
      bmc.on('GET /t', { status: 202, body: { TaskState: 'Running' } }, 2);
      await use((one) => one.setBootDevice('pxe', false));
      expect(bmc.find('GET /t')).toHaveLength(3);
    });
    it('the mode is changed only when it differs', async () => {
      bmc.boot = { BootSourceOverrideMode: 'UEFI' };
      await use(async (one) => {
        await one.setBootMode('uefi');
        await one.setBootMode('bios');
        expect(await one.bootMode()).toBe('bios');
      });
      expect(bmc.find(`PATCH ${SYSTEM}`).map(({ body }) => body)).toEqual([
        { Boot: { BootSourceOverrideMode: 'Legacy' } },
      ]);
    });
  });

  describe('virtual media', () => {
    const MANAGER = '/redfish/v1/Managers/1';
    const CD = `${MANAGER}/VirtualMedia/Cd`;
    const action = (name: string) => `POST ${CD}/Actions/VirtualMedia.${name}`;
    const image = 'https://images.example/ramdisk.iso';
    const has = (inserted: boolean): void => {
      const ref = (path: string) => ({ '@odata.id': path });
      bmc.system = { Links: { ManagedBy: [ref(MANAGER)] } };
      bmc.on(`GET ${MANAGER}`, { status: 200, body: { VirtualMedia: ref(`${MANAGER}/VirtualMedia`) } });
      const members = [ref(`${MANAGER}/VirtualMedia/Floppy`), ref(CD)];
      bmc.on(`GET ${MANAGER}/VirtualMedia`, { status: 200, body: { Members: members } });
      bmc.on(`GET ${MANAGER}/VirtualMedia/Floppy`, { status: 200, body: { MediaTypes: ['Floppy'] } });
      bmc.on(`GET ${CD}`, { status: 200, body: { MediaTypes: ['CD', 'DVD'], Inserted: inserted } });
      for (const name of ['InsertMedia', 'EjectMedia']) bmc.on(action(name), { status: 204 });
    };
    const acted = () => bmc.lines().filter((line) => line.includes('/Actions/VirtualMedia.'));

    it('goes into the drive for discs; what is in it goes out first', async () => {
      has(true);
      await use(async (one) => one.insertMedia?.(image));
      expect(acted()).toEqual([action('EjectMedia'), action('InsertMedia')]);
      expect(bmc.find(action('InsertMedia'))[0]?.body).toEqual({ Image: image, Inserted: true, WriteProtected: true });
    });
    it('goes out only when it is in', async () => {
      has(false);
      await use(async (one) => one.ejectMedia?.());
      expect(acted()).toEqual([]);
      has(true);
      await use(async (one) => one.ejectMedia?.());
      expect(acted()).toEqual([action('EjectMedia')]);
    });
    it('needs a drive', async () => {
      await expect(use(async (one) => one.insertMedia?.(image))).rejects.toMatchObject({ failure: 'unsupported' });
    });
  });

  describe('leads nowhere else', () => {
    it.each([
      ['a redirect', () => bmc.on(`GET ${SYSTEM}`, { status: 302, headers: { Location: 'http://127.0.0.1:1/x' } })],
      [
        'a system',
        () =>
          bmc.on('GET /redfish/v1/Systems', { status: 200, body: { Members: [{ '@odata.id': '//127.0.0.1:1/x' }] } }),
      ],
      [
        'a session',
        () =>
          bmc.on('GET /redfish/v1/', {
            status: 200,
            body: { Links: { Sessions: { '@odata.id': 'http://127.0.0.1:1/' } } },
          }),
      ],
    ])('%s on another server is not followed', async (_name, arrange) => {
      arrange();
      await expect(use((one) => one.powerState())).rejects.toMatchObject({
        failure: 'refused',
        message: 'The BMC points to another server, which is not followed.',
      });
    });
    it('an action on another server is not done', async () => {
      bmc.system = { Actions: { '#ComputerSystem.Reset': { target: 'http://127.0.0.1:1/reset' } } };
      await expect(use((one) => one.order('on'))).rejects.toMatchObject({ failure: 'refused' });
    });
    it.each([5, '', {}, ['/x'], null])(
      'an action whose target is %j is done where actions usually are',
      async (target) => {
        bmc.system = { Actions: { '#ComputerSystem.Reset': { target } } };
        await use((one) => one.order('on'));
        expect(bmc.find(RESET)).toHaveLength(1);
      },
    );
    it('a redirect on the BMC itself is', async () => {
      bmc.on(`GET ${SYSTEM}`, { status: 308, headers: { Location: `${SYSTEM}/` } });
      bmc.on(`GET ${SYSTEM}/`, { status: 200, body: { PowerState: 'On' } });
      expect(await use((one) => one.powerState())).toBe('power on');
    });
    it('without being configured, this machine itself is not contacted', async () => {
      const closed = { bmc: { ...site.bmc, networks: null } } as unknown as BmcSite;
      const one = open({}, closed);
      await expect(one.powerState()).rejects.toMatchObject({ failure: 'address' });
      await one.close();
      expect(bmc.requests).toEqual([]);
    });
  });

  describe('a bad BMC', () => {
    it('that hangs is given up', async () => {
      const hasty = { bmc: { ...site.bmc, timeoutMs: 100 } } as unknown as BmcSite;
      bmc.on('GET /redfish/v1/', { status: 0 });
      const one = open({}, hasty);
      await expect(one.powerState()).rejects.toMatchObject({ failure: 'unreachable' });
      await one.close();
    });
    it('that is away is unreachable', async () => {
      const info = { redfish_address: 'http://127.0.0.1:1' };
      await expect(use((one) => one.powerState(), info)).rejects.toMatchObject({ failure: 'unreachable' });
    });
    it('that answers without end is refused', async () => {
      bmc.on(`GET ${SYSTEM}`, () => ({ status: 200, body: { long: 'x'.repeat(5 * 1024 * 1024) } }));
      await expect(use((one) => one.powerState())).rejects.toMatchObject({ failure: 'refused' });
    });
    it('that answers no JSON is refused', async () => {
      bmc.on(`GET ${SYSTEM}`, { status: 200, body: '<html>' });
      await expect(use((one) => one.powerState())).rejects.toMatchObject({ failure: 'refused' });
    });
  });
});
