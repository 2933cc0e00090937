// Images as the drivers know them.

/** An image to boot from. */
export interface ImageSpec {
  id: string;
  /** The hypervisor's own id of the image; absent: the portal's. */
  backendId?: string | null;
  diskFormat: string | null;
}
/** An image that a driver makes of a machine or a volume. */
export interface SnapshotView {
  status: 'saving' | 'active' | 'error';
  /** The hypervisor's own id; null while it is not known. */
  backendId: string | null;
  /** Bytes; null while it is not known. */
  size: number | null;
  message?: string;
}
