import type { Command } from 'commander';
import { createColors } from 'picocolors';
import { inspectClickhouse } from '../adapters/clickhouse/inspect-clickhouse.ts';
import { openClickhouseServer } from '../adapters/clickhouse/open-clickhouse-server.ts';
import { inspectKafka, type KafkaInspection } from '../adapters/kafka/inspect-kafka.ts';
import { inspectRedis } from '../adapters/redis/inspect-redis.ts';
import { listOf } from '../config.ts';
import { TidemarkError } from '../errors.ts';
import { judgeClickhouse } from './doctor-clickhouse.ts';
import { judgeModels, judgePolicy } from './doctor-files.ts';
import { findingsOf, type Finding } from './doctor-finding.ts';
import { judgeKafka } from './doctor-kafka.ts';
import { judgeLayout, judgeRedis } from './doctor-redis.ts';
import { clickhouseOptionsOf, kafkaConnectionOf, redisSettingsOf } from './run-connections.ts';
import { addExamples } from './terminal/add-examples.ts';
import { writeJsonLine } from './terminal/json-line.ts';
import { formatQuantity } from './terminal/numbers.ts';
import { printable, wrap } from './terminal/printable.ts';
import { topicsOf } from './topics-of.ts';
import { withinMs } from './within-ms.ts';
import type { World } from './world.ts';

/** For one answer. */
const ANSWER_MS = 3_000;
/** For all that is asked of one server. */
const SERVER_MS = 6_000;
/** Patience with Kafka that is good for one more attempt. */
const EACH_BROKER_MS = 500;

/** `doctor`: whether everything that `run` needs is there and set up so that its promises hold. */
export function addDoctorCommand(program: Command, world: World): void {
  const command = program
    .command('doctor')
    .description(
      'check what `run` needs: Kafka, Redis, ClickHouse, policy and models; says what to do about each finding',
    )
    .option('--json', 'print {ok, problems, warnings, findings} as one JSON object')
    .action(async ({ json }: { readonly json?: true }) => {
      const findings = await examine(world);
      if (json === true) writeJsonLine(world.stdout, { ...countsOf(findings), findings });
      else sayFindings(findings, world);
      const { problems } = countsOf(findings);
      if (problems > 0) {
        const mend = 'see to each as its mend says, and run the doctor again';
        throw new TidemarkError('DOCTOR_PROBLEMS', `${formatQuantity(problems, 'problem')} found`, mend);
      }
    });
  addExamples(command, world, ['doctor --json']);
}

/** All servers are asked at once, so that one that is silent neither hides nor delays the others. */
async function examine(world: World): Promise<readonly Finding[]> {
  const { config, wallClock } = world;
  const names = topicsOf(config);
  const kafka = lookAtKafka(world);
  const all = await Promise.all([
    findingsOf('kafka', async (findings) => {
      judgeKafka(findings, await kafka, names, listOf(config.kafkaBrokers).join(', '));
    }),
    findingsOf('redis', async (findings) => {
      const redis = await withinMs(SERVER_MS, lateAt('REDIS_UNAVAILABLE', config.redisAddresses), () =>
        inspectRedis(
          { ...redisSettingsOf(world), timeoutMs: ANSWER_MS, onConnectionEvent: undefined },
          config.redisPrefix,
          wallClock,
        ),
      );
      judgeRedis(findings, redis, config.redisCluster);
      const topics = await kafka.then(
        (found) => found.topics,
        () => undefined,
      );
      judgeLayout(findings, redis.layout, topics?.get(names.events[0] ?? '')?.partitions, config.redisPrefix);
    }),
    findingsOf('clickhouse', async (findings) => {
      judgeClickhouse(findings, await lookAtClickhouse(world));
    }),
    findingsOf('policy', (findings) => judgePolicy(findings, config)),
    findingsOf('models', (findings) => judgeModels(findings, config)),
  ]);
  return all.flat();
}

function lookAtKafka({ config }: World): Promise<KafkaInspection> {
  const { events, facts, outputs } = topicsOf(config);
  return withinMs(SERVER_MS, lateAt('KAFKA_UNAVAILABLE', config.kafkaBrokers), (signal) => {
    const connection = kafkaConnectionOf(config);
    // One attempt for each: the client cannot be stopped, and every other would keep the process from ending.
    const patienceMs = (connection.brokers.length - 1) * EACH_BROKER_MS;
    const settings = { connection, log: () => undefined, patienceMs, signal };
    return inspectKafka(settings, [...events, facts, ...outputs]);
  });
}

function lookAtClickhouse({ config, wallClock }: World): ReturnType<typeof inspectClickhouse> {
  return withinMs(SERVER_MS, lateAt('DATABASE_UNAVAILABLE', 'ClickHouse'), async () => {
    const handle = await openClickhouseServer({
      ...clickhouseOptionsOf(config),
      requestTimeoutMs: ANSWER_MS,
    });
    return inspectClickhouse(handle, wallClock).finally(() => handle.close());
  });
}

function lateAt(
  code: 'KAFKA_UNAVAILABLE' | 'REDIS_UNAVAILABLE' | 'DATABASE_UNAVAILABLE',
  place: string,
): () => TidemarkError {
  const mend = 'check the addresses, that the servers run, and that no firewall drops what is sent to them';
  return () => new TidemarkError(code, `${place}: no answer within ${SERVER_MS / 1000} seconds`, mend);
}

function countsOf(findings: readonly Finding[]): {
  readonly ok: boolean;
  readonly problems: number;
  readonly warnings: number;
} {
  const of = (verdict: Finding['verdict']) => findings.filter((one) => one.verdict === verdict).length;
  const [problems, warnings] = [of('problem'), of('warning')];
  return { ok: problems === 0, problems, warnings };
}

const VERDICT_WIDTH = 'problem'.length;
const ABOUT_WIDTH = 'clickhouse'.length;

/** One line for each on paper; on a terminal wrapped, the mend on a line of its own. */
function sayFindings(findings: readonly Finding[], { stdout }: World): void {
  const { green, yellow, red, bold, dim } = createColors(stdout.colours);
  const paint = { ok: green, warning: yellow, problem: (text: string) => red(bold(text)) };
  const indent = ' '.repeat(VERDICT_WIDTH + ABOUT_WIDTH + 4);
  const room = Math.max(20, stdout.columns - indent.length);
  for (const { about, verdict, says, mend } of findings) {
    const head = `${paint[verdict](verdict.padEnd(VERDICT_WIDTH))}  ${about.padEnd(ABOUT_WIDTH)}  `;
    const said = oneLine(says);
    if (stdout.isTerminal) {
      const lines = wrap(said, room);
      if (mend !== undefined) lines.push(...wrap(`mend: ${oneLine(mend)}`, room).map((line) => dim(line)));
      stdout.write(`${head}${lines.join(`\n${indent}`)}\n`);
    } else {
      stdout.write(`${head}${said}${mend === undefined ? '' : `; mend: ${oneLine(mend)}`}\n`);
    }
  }
  const { problems, warnings } = countsOf(findings);
  stdout.write(`${formatQuantity(problems, 'problem')}, ${formatQuantity(warnings, 'warning')}\n`);
}

/** A policy's mistakes come on several lines. */
function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*\n\s*/g, ' '));
}
