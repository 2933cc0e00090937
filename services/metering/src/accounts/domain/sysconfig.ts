/** The policy that a customer's AWS role must allow; the order is documented (contract metering §11). */
export const POLICY = {
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
