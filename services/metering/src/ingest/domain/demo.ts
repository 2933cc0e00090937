import type { Db } from '@nefos/service-kit';
import { hasDemo, insertDemo } from '../store/demo.js';
import { inspectionFacts, rhelDetected } from '../../images/domain/image-facts.js';
import { recomputeRuns } from '../../runs/domain/recompute.js';

/** What the documents' server told as its version. */
export const DEMO_VERSION = '489-cloudigrade-version - d2b30c637ce3788e22990b21434bac2edcfb7ede';

const at = (time: string): string => `2019-07-18T19:17:${time}Z`;
const INSPECTION =
  '{"rhel_enabled_repos_found": true, "rhel_version": "7.7", "syspurpose": {"role": "Red Hat Enterprise Linux Server", "service_level_agreement": "Premium", "usage": "Development/Test"}}';
const CUSTOMER = '736266527014';
const OPERATOR = '383838193762';

export interface DemoTimes {
  contentCreated: string;
  contentUpdated: string;
  created: string;
  updated: string;
}
const times = (contentCreated: string, contentUpdated: string, created: string, updated: string): DemoTimes => ({
  contentCreated,
  contentUpdated,
  created,
  updated,
});
const arn = (awsId: string): string => `arn:aws:iam::${awsId}:role/role-for-cloudigrade`;

/**
 * The data behind the documents' examples, with their ids and times (contract metering §17.2). Where they are silent the choice is free:
 * the superuser's account and the type of instance 2.
 */
export const DEMO = {
  users: [
    { id: 1, number: '1000001', superuser: true },
    { id: 2, number: '1337', superuser: false },
  ],
  accounts: [
    {
      id: 1,
      userId: 1,
      name: "the operator's account",
      awsId: OPERATOR,
      arn: arn(OPERATOR),
      ...times(at('08.617113'), at('08.617130'), at('08.620468'), at('08.620485')),
    },
    {
      id: 2,
      userId: 2,
      name: 'greatest account ever',
      awsId: CUSTOMER,
      arn: arn(CUSTOMER),
      ...times('2019-07-04T00:00:00Z', at('08.648905'), '2019-07-04T00:00:00Z', at('08.651657')),
    },
  ],
  images: [
    {
      id: 1,
      ami: 'ami-512e826c',
      owner: OPERATOR,
      inspection: null,
      ...times(at('08.627924'), at('08.627945'), at('08.633535'), at('08.633558')),
    },
    {
      id: 2,
      ami: 'ami-fce68fe0',
      owner: CUSTOMER,
      inspection: INSPECTION,
      ...times(at('08.655170'), at('08.655188'), at('08.657277'), at('08.751601')),
    },
    {
      id: 3,
      ami: 'ami-2adae61d',
      owner: CUSTOMER,
      inspection: INSPECTION,
      ...times(at('08.663275'), at('08.663292'), at('08.665139'), at('08.753114')),
    },
    {
      id: 4,
      ami: 'ami-c875ebe8',
      owner: CUSTOMER,
      inspection: INSPECTION,
      ...times(at('08.674541'), at('08.674566'), at('08.676956'), at('08.754475')),
    },
  ].map((image) => {
    const facts = inspectionFacts(image.inspection);
    return {
      ...image,
      rhelDetected: rhelDetected(facts, null, image.owner),
      rhelVersion: facts.rhelVersion,
      syspurpose: facts.syspurpose,
      challenged: image.inspection !== null,
      status: image.inspection === null ? 'pending' : 'inspected',
    };
  }),
  instances: [
    {
      id: 1,
      userId: 1,
      ec2: 'i-f6b4a5c733335a653',
      region: 'ap-northeast-1',
      ...times(at('08.635232'), at('08.635250'), at('08.639690'), at('08.639709')),
    },
    {
      id: 2,
      userId: 2,
      ec2: 'i-42fcde4ccf09f4b64',
      region: 'us-east-1',
      ...times(at('08.658481'), at('08.658495'), at('08.659722'), at('08.659737')),
    },
    {
      id: 3,
      userId: 2,
      ec2: 'i-cb1ab150f753b7379',
      region: 'us-east-1',
      ...times(at('08.666256'), at('08.666270'), at('08.667659'), at('08.667688')),
    },
    {
      id: 4,
      userId: 2,
      ec2: 'i-369a6d157deddec30',
      region: 'us-east-2',
      ...times(at('08.678263'), at('08.678278'), at('08.679598'), at('08.679613')),
    },
  ],
  events: [
    { instanceId: 1, type: 'power_on', at: '2019-07-17T19:17:08.611383Z', instanceType: 't2.micro' },
    ...[2, 3].flatMap((instanceId) => [
      {
        instanceId,
        type: 'power_on',
        at: '2019-07-11T00:00:00Z',
        instanceType: instanceId === 2 ? 'c5.xlarge' : 'm5.24xlarge',
      },
      { instanceId, type: 'power_off', at: '2019-07-15T00:00:00Z', instanceType: null },
      {
        instanceId,
        type: 'power_on',
        at: '2019-07-17T00:00:00Z',
        instanceType: instanceId === 2 ? 'c5.xlarge' : 'm5.24xlarge',
      },
    ]),
  ],
};
export type Demo = typeof DEMO;

/** Loads the demo once; what people did to it since then stays. @throws when the database is in use already */
export const loadDemo = (db: Db): Promise<void> =>
  db.transaction(async (tx) => {
    if (await hasDemo(tx, DEMO)) return;
    await insertDemo(tx, DEMO);
    await recomputeRuns(
      tx,
      DEMO.instances.map(({ id }) => ({ instanceId: String(id), since: '-infinity' })),
    );
  });
