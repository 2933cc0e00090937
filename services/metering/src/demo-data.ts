import type { NewRow } from '@nefos/service-kit';
import type { instanceEvents } from './runs/store/tables.js';

/** The version that the documents' server answered. */
export const DEMO_VERSION = '489-cloudigrade-version - d2b30c637ce3788e22990b21434bac2edcfb7ede';

const at = (time: string): string => `2019-07-18T19:17:${time}Z`;
const INSPECTION =
  '{"rhel_enabled_repos_found": true, "rhel_version": "7.7", ' +
  '"syspurpose": {"role": "Red Hat Enterprise Linux Server", ' +
  '"service_level_agreement": "Premium", "usage": "Development/Test"}}';
const CUSTOMER = '736266527014';
const OPERATOR = '383838193762';

/** Two runs of an instance; the second goes on. */
const running = (instanceId: string, instanceType: string): NewRow<typeof instanceEvents>[] => [
  { instanceId, eventType: 'power_on', occurredAt: '2019-07-11T00:00:00Z', instanceType },
  { instanceId, eventType: 'power_off', occurredAt: '2019-07-15T00:00:00Z' },
  { instanceId, eventType: 'power_on', occurredAt: '2019-07-17T00:00:00Z', instanceType },
];
const arn = (awsId: string): string => `arn:aws:iam::${awsId}:role/role-for-cloudigrade`;

const USERS_MADE = { createdAt: at('08.620468'), updatedAt: at('08.620468') };

/**
 * The data behind the documents' examples, with their ids and times (contract metering §17.2). Where they are silent
 * the choice is free: the superuser's account and the type of instance 2.
 */
export const DEMO = {
  users: [
    { id: 1, accountNumber: '1000001', isSuperuser: true, ...USERS_MADE },
    { id: 2, accountNumber: '1337', isSuperuser: false, ...USERS_MADE },
  ],
  accounts: [
    {
      id: 1,
      userId: 1,
      name: "the operator's account",
      awsAccountId: OPERATOR,
      accountArn: arn(OPERATOR),
      content: { createdAt: at('08.617113'), updatedAt: at('08.617130') },
      createdAt: at('08.620468'),
      updatedAt: at('08.620485'),
    },
    {
      id: 2,
      userId: 2,
      name: 'greatest account ever',
      awsAccountId: CUSTOMER,
      accountArn: arn(CUSTOMER),
      content: { createdAt: '2019-07-04T00:00:00Z', updatedAt: at('08.648905') },
      createdAt: '2019-07-04T00:00:00Z',
      updatedAt: at('08.651657'),
    },
  ],
  images: [
    {
      id: 1,
      ec2AmiId: 'ami-512e826c',
      ownerAwsAccountId: OPERATOR,
      inspection: null,
      content: { createdAt: at('08.627924'), updatedAt: at('08.627945') },
      createdAt: at('08.633535'),
      updatedAt: at('08.633558'),
    },
    {
      id: 2,
      ec2AmiId: 'ami-fce68fe0',
      ownerAwsAccountId: CUSTOMER,
      inspection: INSPECTION,
      content: { createdAt: at('08.655170'), updatedAt: at('08.655188') },
      createdAt: at('08.657277'),
      updatedAt: at('08.751601'),
    },
    {
      id: 3,
      ec2AmiId: 'ami-2adae61d',
      ownerAwsAccountId: CUSTOMER,
      inspection: INSPECTION,
      content: { createdAt: at('08.663275'), updatedAt: at('08.663292') },
      createdAt: at('08.665139'),
      updatedAt: at('08.753114'),
    },
    {
      id: 4,
      ec2AmiId: 'ami-c875ebe8',
      ownerAwsAccountId: CUSTOMER,
      inspection: INSPECTION,
      content: { createdAt: at('08.674541'), updatedAt: at('08.674566') },
      createdAt: at('08.676956'),
      updatedAt: at('08.754475'),
    },
  ],
  instances: [
    {
      id: 1,
      userId: 1,
      ec2InstanceId: 'i-f6b4a5c733335a653',
      region: 'ap-northeast-1',
      content: { createdAt: at('08.635232'), updatedAt: at('08.635250') },
      createdAt: at('08.639690'),
      updatedAt: at('08.639709'),
    },
    {
      id: 2,
      userId: 2,
      ec2InstanceId: 'i-42fcde4ccf09f4b64',
      region: 'us-east-1',
      content: { createdAt: at('08.658481'), updatedAt: at('08.658495') },
      createdAt: at('08.659722'),
      updatedAt: at('08.659737'),
    },
    {
      id: 3,
      userId: 2,
      ec2InstanceId: 'i-cb1ab150f753b7379',
      region: 'us-east-1',
      content: { createdAt: at('08.666256'), updatedAt: at('08.666270') },
      createdAt: at('08.667659'),
      updatedAt: at('08.667688'),
    },
    {
      id: 4,
      userId: 2,
      ec2InstanceId: 'i-369a6d157deddec30',
      region: 'us-east-2',
      content: { createdAt: at('08.678263'), updatedAt: at('08.678278') },
      createdAt: at('08.679598'),
      updatedAt: at('08.679613'),
    },
  ],
  events: [
    { instanceId: '1', eventType: 'power_on', occurredAt: '2019-07-17T19:17:08.611383Z', instanceType: 't2.micro' },
    ...running('2', 'c5.xlarge'),
    ...running('3', 'm5.24xlarge'),
  ] satisfies NewRow<typeof instanceEvents>[],
};
