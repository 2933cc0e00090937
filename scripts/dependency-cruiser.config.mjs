// Who may import whom: docs/architecture.md#layers, checked by `npm run layers`.
import { readdirSync } from 'node:fs';
import path from 'node:path';

/**
 * The areas of each service, in a row: an area uses those before it, never one after it. Each service's README draws
 * its row and says what each area owns.
 */
export const AREAS = {
  identity: ['access', 'catalog', 'projects', 'accounts', 'sign-in', 'keystone'],
  compute: [
    'lists',
    'access',
    'owners',
    'users',
    'events',
    'catalog',
    'projects',
    'traffic',
    'networking',
    'operations',
    'volumes',
    'instances',
    'consoles',
    'schedules',
    'clients',
    'billing',
    'facade',
    'facade-compute',
    'facade-image',
    'facade-network',
    'facade-volume',
  ],
  metering: ['access', 'images', 'runs', 'instances', 'accounts', 'usage', 'ingest'],
  introspection: ['access', 'nodes', 'bmc', 'processing', 'rules', 'runs', 'reports', 'provisioning'],
};
const LAYERS = '(api|domain|store|jobs)';
const TESTS = '\\.test\\.ts$';
const EXPRESS = '(^|/)node_modules/express/';
const AXIOS = '(^|/)node_modules/axios/';
const TYPEORM = '(^|/)node_modules/typeorm/';
const PG = '(^|/)node_modules/pg/';
const never = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });
const anyOf = (names) => `(${names.join('|')})`;

/** An area and what it must not use: the areas after it in the row. */
const rowRules = ([name, areas]) => [
  ...areas
    .slice(0, -1)
    .map((area, at) =>
      never(
        `${name}-${area}-uses-earlier-areas`,
        { path: `^services/${name}/src/${area}/`, pathNot: TESTS },
        { path: `^services/${name}/src/${anyOf(areas.slice(at + 1))}/` },
        `${name}: ${areas.join(', ')}; an area uses those before it`,
      ),
    ),
  ...areas.map((area) =>
    never(
      `${name}-${area}-store-is-its-own`,
      { path: `^services/${name}/src/${anyOf(areas.filter((other) => other !== area))}/`, pathNot: TESTS },
      { path: `^services/${name}/src/${area}/store/` },
      "an area's store is used by its own domain only; other areas call that domain",
    ),
  ),
];
/** A folder of `src` that is neither in the row nor one of the three beside it has no place. */
const BESIDE = ['ports', 'migrations', 'cli'];
const strayFolders = ([name, areas]) =>
  readdirSync(path.join(import.meta.dirname, '..', 'services', name, 'src'), { withFileTypes: true })
    .filter((one) => one.isDirectory() && ![...areas, ...BESIDE].includes(one.name))
    .map((one) =>
      never(`${name}-${one.name}-is-no-area`, {}, { path: `^services/${name}/src/${one.name}/` }, 'add it to AREAS'),
    );
const inLayer = (layer) => ({ path: `^services/[^/]+/src/[^/]+/${layer}/`, pathNot: TESTS });
const layer = (name) => `^services/[^/]+/src/[^/]+/${name}/`;
const PORTS = '^services/[^/]+/src/ports/';

export default {
  forbidden: [
    never('no-circular', {}, { circular: true }, 'a circle has no layer, also when it is made of types'),
    ...Object.entries(AREAS).flatMap(rowRules),
    ...Object.entries(AREAS).flatMap(strayFolders),
    never(
      'api-not-store',
      inLayer('api'),
      { path: [layer('store'), PORTS, TYPEORM, PG] },
      'handlers speak to the domain',
    ),
    never(
      'domain-not-http',
      inLayer('domain'),
      { path: [EXPRESS, AXIOS, TYPEORM, PG, layer('api'), layer('jobs')] },
      'the domain knows no wire',
    ),
    never(
      'domain-not-ports',
      inLayer('domain'),
      { path: PORTS, dependencyTypesNot: ['type-only'] },
      'ports are handed in by ctx; the domain knows their types',
    ),
    never(
      'store-is-the-bottom',
      inLayer('store'),
      { path: [layer(anyOf(['api', 'domain', 'jobs'])), PORTS] },
      'a store knows its tables, and owns its row types',
    ),
    never(
      'jobs-through-domain',
      inLayer('jobs'),
      { path: [layer(anyOf(['api', 'store']))] },
      'jobs act through the domain',
    ),
    never(
      'ports-know-nobody',
      { path: PORTS, pathNot: TESTS },
      { path: [layer(LAYERS)] },
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
      { orphan: true, pathNot: ['\\.d\\.ts$', '\\.test\\.ts$', 'jest\\.', '/test/.*\\.mjs$'] },
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
