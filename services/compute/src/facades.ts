import type { Contract } from '@nefos/contracts';
import { Fault, mountEndpoints, refused, type Endpoint } from '@nefos/service-kit';
import express, { type Express, type Request } from 'express';
import { withIdempotency } from './access/api/idempotency.js';
import type { ComputeCtx, ComputeRequest } from './ctx.js';
import { faceDialect } from './facade/api/dialect.js';
import type { Face } from './facade/api/face.js';
import { withoutProject } from './facade/api/project-path.js';
import { facadeComputeEndpoints } from './facade-compute/api/endpoints.js';
import { computeFace } from './facade-compute/api/face.js';
import { facadeImageEndpoints } from './facade-image/api/endpoints.js';
import { imageFace } from './facade-image/api/face.js';
import { facadeNetworkEndpoints } from './facade-network/api/endpoints.js';
import { networkFace } from './facade-network/api/face.js';
import { facadeVolumeEndpoints } from './facade-volume/api/endpoints.js';
import { volumeFace } from './facade-volume/api/face.js';

/** OpenStack's APIs that this service speaks (contract compute §12). */
export const faces: readonly { face: Face; endpoints: readonly Endpoint<ComputeCtx>[] }[] = [
  { face: computeFace, endpoints: facadeComputeEndpoints },
  { face: imageFace, endpoints: facadeImageEndpoints },
  { face: networkFace, endpoints: facadeNetworkEndpoints },
  { face: volumeFace, endpoints: facadeVolumeEndpoints },
];
export const faceContracts: readonly Contract[] = faces.flatMap(({ endpoints }) => endpoints.map((e) => e.contract));

/** Mounts the APIs: each answers everything below its prefix in its own dialect. */
export const mountFaces = (app: Express, contextOf: (req: Request) => ComputeRequest): void => {
  for (const { face, endpoints } of faces) {
    const dialect = faceDialect(face);
    const router = express.Router({ caseSensitive: true, strict: true });
    mountEndpoints(router, endpoints.map(withIdempotency), dialect, contextOf);
    const below = (req: Request): boolean => req.path === face.prefix || req.path.startsWith(`${face.prefix}/`);
    const refuse = (req: Request, res: express.Response, err: unknown): void => {
      const ctx = contextOf(req);
      try {
        dialect.negotiate?.(req, res, ctx);
      } catch {
        // The refusal below says more.
      }
      refused(req, res, err, dialect, ctx);
    };
    app.use((req, res, next) => {
      if (!below(req)) {
        next();
        return;
      }
      if (face.projectAfter !== undefined) req.url = withoutProject(req, face.projectAfter);
      router(req, res, (err?: unknown) => {
        const status = (err as { status?: number } | undefined)?.status;
        // Express itself refuses a path that is not valid percent-encoding.
        refuse(req, res, err === undefined || status === 400 ? new Fault('not_found', 'not_found') : err);
      });
    });
  }
};
