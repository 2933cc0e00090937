import { z } from 'zod';
import { contractIn } from '../endpoint.js';

const contract = contractIn('access');

/** The policy that a customer's AWS role must allow; the order is documented (contract metering §11). */
export const CUSTOMER_POLICY = {
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
};
const statement = z.object({ Sid: z.string(), Effect: z.string(), Action: z.array(z.string()), Resource: z.string() });
export const sysconfig = z
  .object({
    aws_account_id: z.int(),
    aws_policies: z.object({
      traditional_inspection: z.object({ Version: z.string(), Statement: z.array(statement) }),
    }),
    version: z.string().nullable(),
  })
  .meta({ id: 'Sysconfig' });

const common = { method: 'get', access: 'identity-header', status: 200 } as const;
export const getSysconfig = contract({
  ...common,
  path: '/v2/sysconfig/',
  source: 'contract metering §11',
  summary: "What a customer's AWS role must allow",
  description:
    'Answers the number of the AWS account and the policy that a role of a customer must allow before its account ' +
    'can be registered.',
  response: sysconfig,
});
/** Addresses of the resources, by name. */
export const getMeteringRoot = contract({
  ...common,
  path: '/v2/',
  source: 'contract metering §1 [beyond]',
  summary: 'What there is',
  description: 'Lists the resources of this API with their addresses.',
  response: z.record(z.string(), z.string()),
});
