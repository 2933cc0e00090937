// Who may import whom: docs/architecture.md#layers, checked by `npm run layers`.
const service = '^services/([^/]+)/src';
const never = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const EXPRESS = '(^|/)node_modules/express/';
const AXIOS = '(^|/)node_modules/axios/';
const TYPEORM = '(^|/)node_modules/typeorm/';
const PG = '(^|/)node_modules/pg/';
export default {
  forbidden: [
    never(
      'no-circular',
      {},
      { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
      'a circle has no layer',
    ),
    never(
      'api-not-store',
      { path: `${service}/api` },
      { path: [`${service}/store`, `${service}/ports`, TYPEORM, PG], dependencyTypesNot: ['type-only'] },
      'handlers speak to the domain',
    ),
    never(
      'domain-not-http',
      { path: `${service}/domain`, pathNot: '\\.test\\.ts$' },
      { path: [EXPRESS, AXIOS, TYPEORM, PG, `${service}/api`], dependencyTypesNot: ['type-only'] },
      'the domain knows no wire',
    ),
    never(
      'domain-not-ports',
      { path: `${service}/domain`, pathNot: '\\.test\\.ts$' },
      { path: `${service}/ports`, dependencyTypesNot: ['type-only'] },
      'ports are handed in by ctx',
    ),
    never(
      'store-is-the-bottom',
      { path: `${service}/store` },
      { path: [`${service}/(api|jobs|ports|reconcilers)`, `${service}/domain`], dependencyTypesNot: ['type-only'] },
      'a store knows types of the domain only',
    ),
    never(
      'jobs-through-domain',
      { path: `${service}/(jobs|reconcilers)` },
      { path: [`${service}/(api|store)`], dependencyTypesNot: ['type-only'] },
      'jobs act through the domain',
    ),
    never(
      'ports-know-nobody',
      { path: `${service}/ports` },
      { path: [`${service}/(api|domain|store)`], dependencyTypesNot: ['type-only'] },
      'a port is where the process ends',
    ),
    never(
      'services-apart',
      { path: '^services/([^/]+)/' },
      { path: '^services/([^/]+)/', pathNot: '^services/$1/' },
      'services speak over HTTP',
    ),
    never(
      'packages-downwards',
      { path: '^packages/(contracts|client|auth|service-kit)/src' },
      { path: '^services/' },
      'no package knows a service',
    ),
    never(
      'contracts-is-the-bottom',
      { path: '^packages/contracts/src' },
      { path: '^packages/(client|auth|service-kit|testing)' },
      'contracts import nothing of ours',
    ),
    never(
      'kit-without-client',
      { path: '^packages/service-kit/src' },
      { path: '^packages/(client|auth|testing)' },
      'the kit is below them',
    ),
    never(
      'clients-without-kit',
      { path: '^packages/(client|auth)/src' },
      { path: '^packages/(service-kit|testing)' },
      'outsiders use these two alone',
    ),
    never(
      'no-orphans',
      { orphan: true, pathNot: ['\\.d\\.ts$', '\\.test\\.ts$', 'jest\\.'] },
      {},
      'a file nobody imports',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules/(?!express|axios|typeorm|pg))' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      mainFields: ['main', 'types'],
    },
  },
};
