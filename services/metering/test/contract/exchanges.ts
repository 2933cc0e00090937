// The requests and answers of the seed document. Members stand in the order of the contract; the document sorts them
// for print.
const at = (time: string): string => `2019-07-18T19:17:${time}Z`;
const ARN = (aws: string): string => `arn:aws:iam::${aws}:role/role-for-cloudigrade`;
const account = (
  id: number,
  aws: string,
  name: string,
  [contentCreated, contentUpdated, created, updated]: string[],
  echo: object = {},
) => ({
  account_id: id,
  created_at: created,
  name,
  updated_at: updated,
  user_id: 2,
  ...echo,
  content_object: {
    account_arn: ARN(aws),
    aws_account_id: aws,
    aws_cloud_account_id: id,
    created_at: contentCreated,
    updated_at: contentUpdated,
  },
  cloud_type: 'aws',
});
const third = (name: string, updated: string, echo?: object) =>
  account(3, '413590449778', name, [at('08.801482'), at('08.801508'), at('08.805791'), at(updated)], echo);
const second = account(2, '736266527014', 'greatest account ever', [
  '2019-07-04T00:00:00Z',
  at('08.648905'),
  '2019-07-04T00:00:00Z',
  at('08.651657'),
]);
/** The account that the document makes through AWS. */
export const THIRD_ACCOUNT = [
  `insert into aws_cloud_account (id, aws_account_id, account_arn, created_at, updated_at) values (3, '413590449778', '${ARN('413590449778')}', '${at('08.801482')}', '${at('08.801508')}')`,
  `insert into cloud_account (id, user_id, name, aws_cloud_account_id, created_at, updated_at) values (3, 2, 'yet another account', 3, '${at('08.805791')}', '${at('08.805808')}')`,
];

const instance = (
  id: number,
  owner: number,
  ec2: string,
  region: string,
  [contentCreated, contentUpdated, created, updated]: string[],
) => ({
  cloud_account_id: owner,
  created_at: created,
  instance_id: id,
  machine_image_id: id,
  updated_at: updated,
  cloud_type: 'aws',
  content_object: {
    aws_instance_id: id,
    created_at: contentCreated,
    ec2_instance_id: ec2,
    region,
    updated_at: contentUpdated,
  },
});
const INSTANCES = [
  instance(1, 1, 'i-f6b4a5c733335a653', 'ap-northeast-1', [
    at('08.635232'),
    at('08.635250'),
    at('08.639690'),
    at('08.639709'),
  ]),
  instance(2, 2, 'i-42fcde4ccf09f4b64', 'us-east-1', [
    at('08.658481'),
    at('08.658495'),
    at('08.659722'),
    at('08.659737'),
  ]),
  instance(3, 2, 'i-cb1ab150f753b7379', 'us-east-1', [
    at('08.666256'),
    at('08.666270'),
    at('08.667659'),
    at('08.667688'),
  ]),
  instance(4, 2, 'i-369a6d157deddec30', 'us-east-2', [
    at('08.678263'),
    at('08.678278'),
    at('08.679598'),
    at('08.679613'),
  ]),
];
const INSPECTION =
  '{"rhel_enabled_repos_found": true, "rhel_version": "7.7", "syspurpose": {"role": "Red Hat Enterprise Linux Server", "service_level_agreement": "Premium", "usage": "Development/Test"}}';
const PURPOSE = {
  role: 'Red Hat Enterprise Linux Server',
  service_level_agreement: 'Premium',
  usage: 'Development/Test',
};
const image = (
  id: number,
  ami: string,
  owner: string,
  [contentCreated, contentUpdated, created, updated]: string[],
  found: boolean,
  { challenged = false, status = 'inspected' } = {},
) => ({
  created_at: created,
  image_id: id,
  inspection_json: found ? INSPECTION : null,
  is_encrypted: false,
  name: null,
  openshift: found,
  openshift_challenged: found,
  openshift_detected: false,
  rhel: found !== challenged,
  rhel_challenged: challenged,
  rhel_detected: found,
  rhel_enabled_repos_found: found,
  rhel_product_certs_found: false,
  rhel_release_files_found: false,
  rhel_signed_packages_found: false,
  rhel_version: found ? '7.7' : null,
  status,
  syspurpose: found ? PURPOSE : null,
  updated_at: updated,
  cloud_type: 'aws',
  content_object: {
    aws_image_id: id,
    created_at: contentCreated,
    ec2_ami_id: ami,
    id,
    owner_aws_account_id: owner,
    platform: 'none',
    region: null,
    updated_at: contentUpdated,
    is_cloud_access: false,
    is_marketplace: false,
  },
});
const image2 = (updated: string, more?: { challenged?: boolean; status?: string }) =>
  image(
    2,
    'ami-fce68fe0',
    '736266527014',
    [at('08.655170'), at('08.655188'), at('08.657277'), at(updated)],
    true,
    more,
  );
const IMAGES = [
  image2('08.751601'),
  image(3, 'ami-2adae61d', '736266527014', [at('08.663275'), at('08.663292'), at('08.665139'), at('08.753114')], true),
  image(4, 'ami-c875ebe8', '736266527014', [at('08.674541'), at('08.674566'), at('08.676956'), at('08.754475')], true),
];
const IMAGE1 = image(
  1,
  'ami-512e826c',
  '383838193762',
  [at('08.627924'), at('08.627945'), at('08.633535'), at('08.633558')],
  false,
  { status: 'pending' },
);

const page = (path: string, data: unknown[], query = '{}') => {
  const link = `/api/cloudigrade/v2/${path}/?${query.replace('{}', 'limit=10&offset=0')}`;
  return { meta: { count: data.length }, links: { first: link, next: null, previous: null, last: link }, data };
};
const day = (date: string) =>
  date === '2019-07-16'
    ? { date, instances: 0, instances_list: [], vcpu: 0, memory: 0 }
    : {
        date,
        instances: 1,
        instances_list: [
          { cloud_type: 'aws', cloud_instance_id: 'i-cb1ab150f753b7379', rhel_version: '7.7', syspurpose: PURPOSE },
        ],
        vcpu: 96,
        memory: 384,
      };
const DAYS = [11, 12, 13, 14, 15, 16, 17, 18].map((d) => day(`2019-07-${d}`));
const SYSCONFIG = {
  aws_account_id: 128765022890,
  aws_policies: {
    traditional_inspection: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'CloudigradePolicy',
          Effect: 'Allow',
          Action: [
            'ec2:DescribeImages',
            'ec2:DescribeInstances',
            'ec2:ModifySnapshotAttribute',
            'ec2:DescribeSnapshotAttribute',
            'ec2:DescribeSnapshots',
            'ec2:CopyImage',
            'ec2:CreateTags',
            'ec2:DescribeRegions',
            'cloudtrail:CreateTrail',
            'cloudtrail:UpdateTrail',
            'cloudtrail:PutEventSelectors',
            'cloudtrail:DescribeTrails',
            'cloudtrail:StartLogging',
            'cloudtrail:StopLogging',
          ],
          Resource: '*',
        },
      ],
    },
  },
  version: '489-cloudigrade-version - d2b30c637ce3788e22990b21434bac2edcfb7ede',
};

export interface Exchange {
  title: string;
  method: 'get' | 'post' | 'put' | 'patch';
  path: string;
  as?: 'superuser';
  body?: object;
  status: number;
  allow: string;
  length: number;
  answer: object;
  /** The answer's updated_at is the moment of the request. */
  saves?: boolean;
}
const LIST = 'GET, POST, HEAD, OPTIONS';
const DETAIL = 'GET, PUT, PATCH, DELETE, HEAD, OPTIONS';
const READ = 'GET, HEAD, OPTIONS';
const IMAGE = 'GET, PUT, PATCH, HEAD, OPTIONS';
const get = { method: 'get', status: 200 } as const;
const patch = { method: 'patch', status: 200, saves: true } as const;
const SINCE = 'running_since=2019-07-18+19%3A17%3A08.611383%2B00%3A00';

/** All but the creation itself, which needs AWS; the account it would make is there. */
export const EXCHANGES: Exchange[] = [
  {
    title: 'create an account of an ARN already known',
    method: 'post',
    path: 'accounts/',
    body: { account_arn: ARN('413590449778'), name: 'but this account already exists', cloud_type: 'aws' },
    status: 400,
    allow: LIST,
    length: 70,
    answer: { account_arn: ['An ARN already exists for account "413590449778"'] },
  },
  {
    ...get,
    title: 'list all accounts',
    path: 'accounts/',
    allow: LIST,
    length: 956,
    answer: page('accounts', [third('yet another account', '08.805808'), second]),
  },
  {
    ...get,
    title: 'retrieve a specific account',
    path: 'accounts/3/',
    allow: DETAIL,
    length: 392,
    answer: third('yet another account', '08.805808'),
  },
  {
    ...patch,
    title: 'update an account by PATCH',
    path: 'accounts/3/',
    body: { name: 'name updated using PATCH' },
    allow: DETAIL,
    length: 397,
    answer: third('name updated using PATCH', '08.870473'),
  },
  {
    ...patch,
    method: 'put',
    title: 'update an account by PUT',
    path: 'accounts/3/',
    body: { name: 'name updated using PUT', account_arn: ARN('413590449778'), cloud_type: 'aws' },
    allow: DETAIL,
    length: 463,
    answer: third('name updated using PUT', '08.888201', { account_arn: ARN('413590449778') }),
  },
  {
    title: 'change the ARN',
    method: 'patch',
    path: 'accounts/3/',
    body: { account_arn: ARN('999999999999') },
    status: 400,
    allow: DETAIL,
    length: 50,
    answer: { account_arn: ['You cannot update account_arn.'] },
  },
  {
    ...get,
    title: 'list all instances',
    path: 'instances/',
    allow: READ,
    length: 1237,
    answer: page('instances', INSTANCES.slice(1)),
  },
  {
    ...get,
    title: 'retrieve a specific instance',
    path: 'instances/2/',
    allow: READ,
    length: 350,
    answer: INSTANCES[1] as object,
  },
  {
    ...get,
    title: 'filter instances by v2_user_id',
    path: 'instances/?v2_user_id=1',
    as: 'superuser',
    allow: READ,
    length: 1619,
    answer: page('instances', INSTANCES, '{}&v2_user_id=1'),
  },
  {
    ...get,
    title: 'filter instances by running_since',
    path: `instances/?${SINCE}`,
    as: 'superuser',
    allow: READ,
    length: 1352,
    answer: page('instances', INSTANCES.slice(0, 3), `{}&${SINCE}`),
  },
  { ...get, title: 'list all images', path: 'images/', allow: READ, length: 3400, answer: page('images', IMAGES) },
  {
    ...get,
    title: "list one user's images",
    path: 'images/?user_id=1',
    as: 'superuser',
    allow: READ,
    length: 972,
    answer: page('images', [IMAGE1], '{}&user_id=1'),
  },
  {
    ...get,
    title: 'retrieve a specific image',
    path: 'images/2/',
    allow: IMAGE,
    length: 1073,
    answer: image2('08.751601'),
  },
  {
    ...patch,
    method: 'post',
    title: 'reinspect an image',
    path: 'images/2/reinspect/',
    as: 'superuser',
    allow: 'POST, OPTIONS',
    length: 1071,
    answer: image2('09.109471', { status: 'pending' }),
  },
  {
    ...patch,
    title: 'challenge RHEL',
    path: 'images/2/',
    body: { rhel_challenged: 'True' },
    allow: IMAGE,
    length: 1071,
    answer: image2('09.136411', { status: 'pending', challenged: true }),
  },
  {
    ...patch,
    title: 'take the challenge back',
    path: 'images/2/',
    body: { rhel_challenged: 'False' },
    allow: IMAGE,
    length: 1071,
    answer: image2('09.163744', { status: 'pending' }),
  },
  {
    ...patch,
    title: 'challenge both',
    path: 'images/2/',
    body: { rhel_challenged: 'True', openshift_challenged: 'True' },
    allow: IMAGE,
    length: 1071,
    answer: image2('09.184572', { status: 'pending', challenged: true }),
  },
  {
    ...get,
    title: 'daily concurrency',
    path: 'concurrent/?start_date=2019-07-11',
    allow: READ,
    length: 2289,
    answer: page('concurrent', DAYS, '{}&start_date=2019-07-11'),
  },
  {
    ...get,
    title: 'daily concurrency of days to come',
    path: 'concurrent/?start_date=2019-07-19&end_date=2019-07-25',
    allow: READ,
    length: 271,
    answer: page('concurrent', [], 'end_date=2019-07-25&{}&start_date=2019-07-19'),
  },
  { ...get, title: 'system configuration', path: 'sysconfig/', allow: READ, length: 608, answer: SYSCONFIG },
];
