/** What a token of OpenStack's face is for: one project, and the client whose project that is. */
export interface Scope {
  /** 32 hexadecimal digits. */
  projectId: string;
  /** null: the project is no client's that the caller may act for, such as a user's own at identity. */
  clientId: number | null;
  /** Whether the caller has the role `admin`: staff. */
  admin: boolean;
}
