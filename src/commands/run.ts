import { InvalidArgumentError, type Command } from 'commander';
import { addExamples } from './terminal/add-examples.ts';
import type { OpenRole } from './open-role.ts';
import { openSink } from './sink-role.ts';
import { openWorker } from './worker-role.ts';
import type { World } from './world.ts';

const ROLES = ['all', 'worker', 'sink'] as const;
type Role = (typeof ROLES)[number];

interface RunFlags {
  readonly role: Role;
}

/** `run`: the pipeline on Kafka, Redis and a ClickHouse server, as one of any number of processes, until it is stopped. */
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
  addExamples(command, world, ['run', 'run --role worker']);
}

function roleOf(name: string): Role {
  const role = ROLES.find((one) => one === name);
  if (role === undefined) throw new InvalidArgumentError(`Give ${ROLES.join(', ')}.`);
  return role;
}

async function run({ role }: RunFlags, world: World): Promise<void> {
  const { signal, stderr } = world;
  const roles: OpenRole[] = [];
  try {
    if (role !== 'sink') roles.push(await openWorker(world));
    if (role !== 'worker') roles.push(await openSink(world));
    stderr.write(`running as ${role}; Ctrl-C or SIGTERM to stop\n`);
    const stopped = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([stopped, ...roles.map(({ ended }) => ended)]);
  } finally {
    for (const one of roles.toReversed()) await one.close();
  }
}
