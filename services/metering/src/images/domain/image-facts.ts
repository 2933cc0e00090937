/** What an inspection found out; stored with the image when its result is written (contract metering §7). */
export interface InspectionFacts {
  found: { enabledRepos: boolean; productCerts: boolean; releaseFiles: boolean; signedPackages: boolean };
  rhelVersion: string | null;
  /** JSON text. */
  syspurpose: string | null;
}
const NOTHING: InspectionFacts = {
  found: { enabledRepos: false, productCerts: false, releaseFiles: false, signedPackages: false },
  rhelVersion: null,
  syspurpose: null,
};

const objectOf = (json: string | null): Record<string, unknown> | undefined => {
  try {
    const value: unknown = json === null ? undefined : JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};
/** Reads the members of an `inspection_json` that mean something here; text that is no JSON object says nothing. */
export const inspectionFacts = (inspectionJson: string | null): InspectionFacts => {
  const inspection = objectOf(inspectionJson);
  if (!inspection) return NOTHING;
  const { rhel_version: version, syspurpose } = inspection;
  return {
    found: {
      enabledRepos: Boolean(inspection.rhel_enabled_repos_found),
      productCerts: Boolean(inspection.rhel_product_certs_found),
      releaseFiles: Boolean(inspection.rhel_release_files_found),
      signedPackages: Boolean(inspection.rhel_signed_packages_found),
    },
    rhelVersion: typeof version === 'string' ? version : typeof version === 'number' ? String(version) : null,
    syspurpose: syspurpose === undefined || syspurpose === null ? null : JSON.stringify(syspurpose),
  };
};

/** Accounts from which Red Hat publishes images: China, GovCloud, all others. */
const RED_HAT = new Set(['841258680906', '219670896067', '309956199498']);
const published = (name: string | null, owner: string | null, mark: string): boolean =>
  owner !== null && RED_HAT.has(owner) && (name ?? '').toLowerCase().includes(mark);
export const isCloudAccess = (name: string | null, owner: string | null): boolean => published(name, owner, '-access2');
/** Billed by AWS, so not thereby RHEL here. */
export const isMarketplace = (name: string | null, owner: string | null): boolean => published(name, owner, '-hourly2');

export const rhelDetected = (facts: InspectionFacts, name: string | null, owner: string | null): boolean =>
  isCloudAccess(name, owner) || Object.values(facts.found).some(Boolean);
