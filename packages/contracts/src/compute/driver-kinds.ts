/** What can manage the machines of a region (contract compute §11). A new kind also needs the check of its column. */
export const DRIVER_KINDS = ['sim', 'openstack', 'qemu'] as const;
export type DriverKind = (typeof DRIVER_KINDS)[number];
