'use strict';

// What `osls` takes beside its own options, for serverless.yml, and what it does not check of them. It knows its own
// ones only.
const text = (usage) => ({ usage, type: 'string' });

const options = {
  stackName: text('Name of the deployment: tables bddLockTable-NAME and bddLockTable-NAME-requests'),
  expirySeconds: text('How old a claim of the original API must be for the nightly release (7200)'),
  tables: text('"make" the tables, or use "existing" ones (make)'),
  tokenParameter: text('Name of the SSM parameter that holds the token (bddLockTableAuthToken)'),
  tokenKeyArn: text('ARN of the KMS key of that parameter, where it is not the key that AWS manages'),
  reservedConcurrency: text('At most so many calls at once, kept for this function (none kept)'),
  logRetentionDays: text('How long the log is kept (30)'),
  alarmTopicArn: text('ARN of the SNS topic that alarms are sent to (they are only shown)'),
};

// As cloudformation.yml has them. A word other than these two would be no "make", and the tables be taken out of the
// deployment; a name and a stage that are longer make a function's name of more than Lambda's 64 characters.
const shapes = {
  stackName: [/^[A-Za-z0-9-]{1,30}$/, 'must be 1 to 30 letters, digits and hyphens'],
  stage: [/^[A-Za-z0-9-]{1,14}$/, 'must be 1 to 14 letters, digits and hyphens'],
  tables: [/^(make|existing)$/, 'must be make or existing'],
  tokenParameter: [/^[A-Za-z0-9_.-]+$/, 'must be a name without a path: letters, digits, _, . and -'],
};

const names = ['deploy', 'deploy function', 'deploy list', 'info', 'invoke', 'logs', 'metrics', 'package',
  'print', 'remove', 'rollback'];

const command = ([first, ...rest]) =>
  rest.length ? { [first]: { commands: command(rest) } } : { [first]: { options } };

function refuseWhatCannotBe(serverless, chosen) {
  for (const [name, [shape, wanted]] of Object.entries(shapes)) {
    if (chosen[name] === undefined || shape.test(chosen[name])) continue;
    throw new serverless.classes.Error(`--${name} ${chosen[name]}: ${wanted}`, 'WRONG_OPTION');
  }
}

// `--tables existing` on a deployment that made them would take them out of its CloudFormation stack, and one of the
// original does not say that they are to be kept: they would be deleted with all that is in them.
async function refuseToLoseTables(serverless) {
  const { CloudFormationClient, DescribeStackResourceCommand } = require('@aws-sdk/client-cloudformation');
  const provider = serverless.getProvider('aws');
  const client = new CloudFormationClient(await provider.getAwsSdkV3Config());
  const table = { StackName: provider.naming.getStackName(), LogicalResourceId: 'bddLockTable' };
  try {
    const { StackResourceDetail: found } = await client.send(new DescribeStackResourceCommand(table));
    if (found.ResourceStatus.startsWith('DELETE')) return;
  } catch (error) {
    if (/does not exist/.test(error.message)) return;
    throw error;
  }
  throw new serverless.classes.Error(
    `--tables existing: the stack ${table.StackName} made its tables itself. Leave the option out, or they would be lost`,
    'TABLES_WOULD_BE_LOST');
}

// Of what is to be deployed, which may have been packaged before, with other options.
const makesTables = ({ service }) =>
  service.provider.compiledCloudFormationTemplate.Conditions.MakesTables['Fn::Equals'][0] === 'make';

module.exports = class Options {
  constructor(serverless, chosen) {
    this.hooks = {
      initialize: () => refuseWhatCannotBe(serverless, chosen),
      'before:deploy:deploy': () => (makesTables(serverless) ? undefined : refuseToLoseTables(serverless)),
    };
    this.commands = {};
    for (const name of names) {
      for (const [first, what] of Object.entries(command(name.split(' ')))) {
        this.commands[first] = { ...this.commands[first], ...what };
      }
    }
  }
};
