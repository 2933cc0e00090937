/** Whose rows are meant: one user's, or everybody's. */
export type Scope = number | 'all';
