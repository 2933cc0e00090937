import { randomUUID } from 'node:crypto';
import { createSimDriver } from '../../src/ports/drivers/sim-driver.js';
import { useService } from '../support.js';
import { adoptionConformance, hostsConformance } from './adoption-conformance.js';

describe('the simulator', () => {
  const service = useService();
  const open = (latency: number) => {
    const driver = createSimDriver(service.db, {
      region: 'R',
      latencyMs: { min: latency, max: latency },
      hosts: ['h1', 'h2'],
      hostMemoryMb: 1_000_000,
    });
    const foreign = async (): Promise<string> => {
      const backendId = (await driver.createForeign?.({
        name: 'old',
        tags: [],
        region: 'R',
        projectId: '',
        flavor: { vcpus: 1, memoryMb: 256, rootGb: 1, ephemeralGb: 0, swapMb: 0 },
        imageId: null,
        nics: [{ networkId: randomUUID(), networkName: 'net', cidr: '10.0.0.0/29' }],
      })) as string;
      while ((await driver.getForeign?.(backendId))?.powerState !== 1)
        await new Promise((r) => {
          setTimeout(r, 10);
        });
      return backendId;
    };
    return { driver, foreign };
  };
  hostsConformance('the simulator', () => open(0).driver);
  adoptionConformance('the simulator', () => open(0));
  adoptionConformance('the simulator with latency', () => open(30));
});
