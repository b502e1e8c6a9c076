import { InvalidArgumentError, type Command } from 'commander';
import { serveHealth } from '../adapters/http/serve-health.ts';
import type { WorkingRole } from '../ports/telemetry.ts';
import { closeAll } from './close-all.ts';
import type { OpenRole } from './open-role.ts';
import { RunWatch } from './run-watch.ts';
import { openSink } from './sink-role.ts';
import { addExamples } from './terminal/add-examples.ts';
import { openWorker } from './worker-role.ts';
import type { World } from './world.ts';

const ROLES = ['all', 'worker', 'sink'] as const;
type Role = (typeof ROLES)[number];

const ROLES_IN: Readonly<Record<Role, readonly WorkingRole[]>> = {
  all: ['worker', 'sink'],
  worker: ['worker'],
  sink: ['sink'],
};

const OPEN = { worker: openWorker, sink: openSink } as const;

interface RunFlags {
  readonly role: Role;
}

/**
 * `run`: the pipeline on Kafka, Redis and a ClickHouse server, as one of any number of processes, until it is stopped.
 *
 * Exit code 0 after SIGTERM or SIGINT: unlike a command that is broken off, a process that runs until it is stopped has
 * done what it was asked to once the turn in hand is finished and the group is left; what starts and stops it would take
 * any other code for a failure. A role that ends without that fails the command with what ended it.
 * Health and metrics are served from before the roles are opened until after they are closed.
 */
export function addRunCommand(program: Command, world: World): void {
  const command = program
    .command('run')
    .description('work on live events from Kafka, with state in Redis, until stopped')
    .option(
      '--role <role>',
      `what this process does: ${ROLES.join(', ')}; workers decide, the sink writes to ClickHouse`,
      roleOf,
      'all',
    )
    .action((flags: RunFlags) => run(flags, world));
  addExamples(command, world, ['run --role all', 'run --role worker']);
}

function roleOf(name: string): Role {
  const role = ROLES.find((one) => one === name);
  if (role === undefined) throw new InvalidArgumentError(`Give ${ROLES.join(', ')}.`);
  return role;
}

async function run({ role }: RunFlags, world: World): Promise<void> {
  const { config, signal, stderr, log } = world;
  const roles = ROLES_IN[role];
  const watch = new RunWatch(world, roles);
  const { health, metrics } = watch;
  const server = await serveHealth({
    ...{ host: config.httpHost, port: config.httpPort, metrics },
    dead: () => health.dead(),
    unready: () => health.unready(),
  });
  const closing = [() => server.close()];
  let hasEndedItself: boolean;
  try {
    log.info({ url: server.url }, 'health and metrics are served');
    const opened: OpenRole[] = [];
    for (const one of roles) {
      const open = await OPEN[one](world, watch);
      opened.push(open);
      closing.push(() => open.close());
    }
    stderr.write(`running as ${role}, health and metrics at ${server.url}; Ctrl-C or SIGTERM to stop\n`);
    hasEndedItself = await Promise.race([
      aborted(signal).then(() => false),
      ...opened.map(({ ended }) => ended.then(() => true)),
    ]);
  } catch (error) {
    // What kept it from starting is told, rather than what comes of closing the rest.
    await closeAll(closing).catch(() => undefined);
    throw error;
  }
  health.stopping();
  await closeAll(closing);
  // Closing it would have told.
  if (hasEndedItself) throw new Error('a role ended, and did not say why');
  log.info('stopped');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
