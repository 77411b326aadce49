'use strict';

// What `osls` takes beside its own options, for serverless.yml. It knows its own ones only.
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

const names = ['deploy', 'deploy function', 'deploy list', 'info', 'invoke', 'logs', 'metrics', 'package',
  'print', 'remove', 'rollback'];

const command = ([first, ...rest]) =>
  rest.length ? { [first]: { commands: command(rest) } } : { [first]: { options } };

module.exports = class Options {
  constructor() {
    this.commands = {};
    for (const name of names) {
      for (const [first, what] of Object.entries(command(name.split(' ')))) {
        this.commands[first] = { ...this.commands[first], ...what };
      }
    }
  }
};
