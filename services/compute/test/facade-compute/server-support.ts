import type { FaceCallers } from '../facade/face-support.js';
import type { Cloud } from '../cloud-support.js';

/** The client of the tests may have many instances and volumes. */
export const useRoom = ({ service }: Cloud, face: FaceCallers): void => {
  beforeAll(async () => {
    const project = face.project.replaceAll('-', '');
    const compute = { instances: 200, cores: 1000, ram: 1_000_000, port: 1000 };
    const room = { ...compute, volumes: 2000, gigabytes: 5000, snapshots: 100, force: true };
    await service.staff.patch(`/staffapi/openstack/quotas/${project}`, room).expect(200);
  });
};
