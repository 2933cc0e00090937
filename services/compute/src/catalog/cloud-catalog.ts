// What a cloud has of its own; ids are the cloud's. For drivers that read it and the catalog that takes it over.

export interface CloudFlavor {
  backendId: string;
  name: string;
  vcpus: number;
  memoryMb: number;
  rootGb: number;
  ephemeralGb: number;
  swapMb: number;
  isPublic: boolean;
  disabled: boolean;
}
export interface CloudImage {
  backendId: string;
  name: string;
  diskFormat: string | null;
  containerFormat: string | null;
  /** GB. */
  minDisk: number;
  /** MB. */
  minRam: number;
  /** Bytes. */
  size: number;
  osDistro: string | null;
  osVersion: string | null;
  architecture: string | null;
  guestAgent: boolean;
}
export interface CloudNetwork {
  backendId: string;
  name: string;
  shared: boolean;
  external: boolean;
  adminStateUp: boolean;
  status: string;
  mtu: number;
}
export interface CloudSubnet {
  /** The cloud's id of its network. */
  network: string;
  backendId: string;
  name: string;
  cidr: string;
  gatewayIp: string | null;
}
/** All of it; subnets stand in their networks. */
export interface CloudCatalog {
  flavors: CloudFlavor[];
  images: CloudImage[];
  networks: (CloudNetwork & { subnets: Omit<CloudSubnet, 'network'>[] })[];
}
