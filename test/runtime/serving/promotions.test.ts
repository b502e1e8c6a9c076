import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { FolderModelRegistry } from '../../../src/adapters/models/folder-model-registry.ts';
import { defaultPolicyPath, loadPolicy } from '../../../src/adapters/policy/load-policy.ts';
import { simulatedSource } from '../../../src/adapters/simulator/simulated-source.ts';
import { FollowedModels } from '../../../src/commands/serve-models.ts';
import { hash32 } from '../../../src/core/hash.ts';
import { readPerson } from '../../../src/core/person-codec.ts';
import type { Policy } from '../../../src/core/tagging/policy.ts';
import { instant } from '../../../src/core/time.ts';
import { runPipeline } from '../../../src/pipeline.ts';
import type { EventSource, SourceRecord } from '../../../src/ports/event-source.ts';
import type { ModelSource } from '../../../src/runtime/serving/model-source.ts';
import { VALUE_SEGMENTS } from '../../support/a-scorer.ts';
import { SEGMENTS, networkModel, promote } from '../../support/a-stored-network.ts';
import { CollectingAnalytics } from '../../support/collecting-analytics.ts';
import { recordsIn } from '../../support/committed-state.ts';
import { listedSource, recordsOf } from '../../support/listed-source.ts';
import { memoryStore } from '../../support/run-records.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const MARKET = { people: 150, days: 62, seed: 12, startAt: instant(Date.UTC(2025, 0, 1)) };
const SCORED = new Set(['churn_risk', 'value_segment', 'style']);
/** Records in a turn, and in a block of the source. */
const TURN = 500;

let records: readonly SourceRecord[];
let policy: Policy;
beforeAll(async () => {
  records = await recordsOf(simulatedSource(MARKET));
  policy = await loadPolicy(defaultPolicyPath());
  expect(records.length).toBeGreaterThan(8 * TURN);
});

/** A registry with two networks and the segments, of which nothing is in force. */
async function someRegistry() {
  const folder = temporaryFolder();
  const registry = new FolderModelRegistry(folder);
  const [first, second] = [await registry.save(networkModel(1)), await registry.save(networkModel(2))];
  const segments = await registry.save(SEGMENTS);
  return { folder, registry, first: first.version, second: second.version, segments: segments.version };
}

/** The records, with something done on the way: before a block, when two thirds of the turns are over. */
function interjected(
  meanwhile: () => Promise<void> | void,
  ...later: (() => Promise<void> | void)[]
): EventSource {
  const source = listedSource(records, TURN);
  return {
    sources: source.sources,
    async *read(from) {
      const due = Math.floor((records.length / TURN) * (2 / 3));
      let blocks = 0;
      for await (const block of source.read(from)) {
        await [meanwhile, ...later][blocks++ - due]?.();
        yield block;
      }
    },
  };
}

async function run(
  models: ModelSource,
  source = listedSource(records, TURN),
  store = memoryStore(2, policy),
) {
  const told = new CollectingAnalytics();
  const options = { turnRecords: TURN, cachePeople: 20, announceRows: 1000, muteTriggers: false };
  const result = await runPipeline({ source, store, analytics: told, policy, models, options });
  return { result, store, told, rows: told.rows };
}

function followed(folder: string | undefined, warn?: (what: string) => void): FollowedModels {
  const models = new FollowedModels(folder, policy, { warn });
  onTestFinished(() => {
    models.close();
  });
  return models;
}

type Ran = Awaited<ReturnType<typeof run>>;

function expectSame(is: Ran, was: Ran): void {
  expect(is.rows.tag_transitions).toEqual(was.rows.tag_transitions);
  expect(is.rows.churn_scores).toEqual(was.rows.churn_scores);
  expect(is.rows.current_tags).toEqual(was.rows.current_tags);
  expect(recordsIn(is.store)).toEqual(recordsIn(was.store));
}

/** Hashes of the models that last scored people, of all who have scores. */
function scoredBy({ store }: Ran): Set<number> {
  const hashes = [...store.entries()].flatMap(
    ({ record }) => readPerson(record).windows.scores?.models ?? [],
  );
  expect(hashes.length).toBeGreaterThan(20);
  return new Set(hashes);
}

describe('a model promoted while a source is read', () => {
  it('scores everybody from the end of that turn on, and says that it was the model', async () => {
    const { folder, registry, first, second, segments } = await someRegistry();
    await promote(registry, 'churn', first);
    await promote(registry, 'segments', segments);
    const models = followed(folder);
    const ran = await run(
      models,
      interjected(() => promote(registry, 'churn', second)),
    );
    const both = models.version;
    expect(both).toContain(second);
    expect(both).toContain('+');
    const moved = ran.rows.tag_transitions.filter(({ cause }) => cause === 'model');
    expect(moved.length).toBeGreaterThan(5);
    const [at] = moved.map(({ effective_at: when }) => when);
    for (const one of moved) {
      expect(one).toMatchObject({ effective_at: at, cause_ref: both, model_version: both });
      expect(SCORED.has(one.dimension)).toBe(true);
    }
    const told = moved.map(({ person_id: id, dimension }) => `${id} ${dimension}`);
    expect(new Set(told).size).toBe(told.length);
    for (const { dimension, effective_at: when, model_version: version, cause } of ran.rows.tag_transitions)
      if (SCORED.has(dimension) && cause !== 'merge' && when !== at)
        expect(version, `at ${when - (at ?? NaN)}`).toBe(
          when < (at ?? NaN) ? both.replace(second, first) : both,
        );
    expect(scoredBy(ran)).toEqual(new Set([hash32(both)]));
    for (const row of ran.rows.churn_scores) expect(row.model_version).toBe(both);
  });

  it('asks everybody once at that instant', async () => {
    const { folder, registry, first, second } = await someRegistry();
    await promote(registry, 'churn', first);
    const asked = new Map<number, unknown[]>();
    const models = followed(folder);
    const listening: ModelSource = {
      async latest() {
        const scorer = await models.latest();
        if (!scorer.version.includes(second)) return scorer;
        const listener = Object.create(scorer) as typeof scorer;
        listener.churn = (questions) => {
          for (const { at, windows } of questions) asked.set(at, [...(asked.get(at) ?? []), windows]);
          return scorer.churn(questions);
        };
        return listener;
      },
    };
    const ran = await run(
      listening,
      interjected(() => promote(registry, 'churn', second)),
    );
    const at = ran.rows.tag_transitions.find(({ cause }) => cause === 'model')?.effective_at ?? NaN;
    const windows = asked.get(at) ?? [];
    expect(windows.length).toBeGreaterThan(20);
    expect(new Set(windows).size).toBe(windows.length);
  });

  it('takes over from segments of the same day, whose parts have the same names', async () => {
    const { folder, registry, segments } = await someRegistry();
    const later = await registry.save({
      ...SEGMENTS,
      manifest: {
        ...SEGMENTS.manifest,
        models: { value_segment: { ...VALUE_SEGMENTS, names: VALUE_SEGMENTS.names.toReversed() } },
      },
    });
    await promote(registry, 'segments', segments);
    const ran = await run(
      followed(folder),
      interjected(() => promote(registry, 'segments', later.version)),
    );
    const both = `closed-form@cdnow+${later.version}`;
    expect(scoredBy(ran)).toEqual(new Set([hash32(both)]));
    expect(new Set(ran.rows.churn_scores.map((row) => row.model_version))).toEqual(new Set([both]));
  });

  it('takes over from the closed form', async () => {
    const { folder, registry, second } = await someRegistry();
    const models = followed(folder);
    expect((await models.latest()).version).toBe('closed-form@cdnow');
    const ran = await run(
      models,
      interjected(() => promote(registry, 'churn', second)),
    );
    const versions = ran.rows.tag_transitions
      .filter(({ dimension, cause }) => dimension === 'churn_risk' && cause !== 'merge')
      .map(({ model_version: version }) => version);
    expect([...new Set(versions)]).toEqual(['closed-form@cdnow', second]);
    expect(ran.rows.tag_transitions.some(({ cause }) => cause === 'model')).toBe(true);
    expect(scoredBy(ran)).toEqual(new Set([hash32(second)]));
  });

  it('is followed from its network to its best baseline, which is another version', async () => {
    const { folder, registry, first } = await someRegistry();
    await promote(registry, 'churn', first);
    const ran = await run(
      followed(folder),
      interjected(() => promote(registry, 'churn', first, { bestBaseline: true })),
    );
    const versions = ran.rows.tag_transitions
      .filter(({ dimension, cause }) => dimension === 'churn_risk' && cause !== 'merge')
      .map(({ model_version: version }) => version);
    expect([...new Set(versions)]).toEqual([first, `${first}/baseline`]);
    expect(scoredBy(ran)).toEqual(new Set([hash32(`${first}/baseline`)]));
    const scores = new Map(ran.rows.churn_scores.map((row) => [row.person_id, row.churn_90d]));
    // By the decayed count alone, 1 / (1 + e^(.5 + ln(count + .01))): whoever has just ordered once is at .375.
    expect(Math.max(...scores.values())).toBeLessThan(1);
    for (const profile of ran.rows.person_profiles) {
      const score = scores.get(profile.person_id);
      if (score === undefined) continue;
      const count = Math.exp(-0.5 - Math.log(score / (1 - score))) - 0.01;
      expect(count).toBeGreaterThan(0);
      expect(count).toBeLessThanOrEqual(profile.orders_total + 1e-3);
    }
  });

  it('is taken up at a review, too, where no turn is ever full', async () => {
    const { folder, registry, first, second } = await someRegistry();
    await promote(registry, 'churn', first);
    const months = Array.from({ length: 6 }, (_, month) => Date.UTC(2025, month, 10));
    const quiet = records.slice(0, 300).map((record, i) => ({
      ...record,
      receivedAt: instant(months[Math.floor(i / 50)] ?? 0),
    }));
    const source = listedSource(quiet, 50);
    const models = followed(folder);
    const versions: string[] = [];
    await run(models, {
      sources: source.sources,
      async *read(from) {
        for await (const block of source.read(from)) {
          versions.push(models.version);
          if (versions.length === 3) await promote(registry, 'churn', second);
          yield block;
        }
      },
    });
    expect(versions).toEqual([first, first, first, second, second, second]);
  });

  it.each(['again', 'after another, between two turns'])(
    'that is in force, %s, changes nothing',
    async (how) => {
      const { folder, registry, first, second } = await someRegistry();
      await promote(registry, 'churn', first);
      const straight = await run(followed(folder));
      const ran = await run(
        followed(folder),
        interjected(async () => {
          if (how !== 'again') await promote(registry, 'churn', second);
          await promote(registry, 'churn', first);
        }),
      );
      expectSame(ran, straight);
    },
  );
});

describe('a run over people whom another model scored', () => {
  it('puts its own in force at its start, once', async () => {
    const { folder, registry, first, second } = await someRegistry();
    await promote(registry, 'churn', first);
    const before = await run(followed(folder));
    await promote(registry, 'churn', second);
    const after = await run(followed(folder), undefined, before.store);
    const { tag_transitions: transitions } = after.rows;
    expect(transitions.length).toBeGreaterThan(3);
    expect(transitions.some(({ cause }) => cause === 'model')).toBe(true);
    for (const one of transitions) {
      expect(one).toMatchObject({ model_version: second, effective_at: before.result.asOf });
      // Who awaited their first scores has none of another model.
      if (one.cause !== 'model') expect(one).toMatchObject({ cause: 'event', from_tag: 'none' });
    }
    expect(scoredBy(after)).toEqual(new Set([hash32(second)]));
    const kept = recordsIn(after.store);
    const again = await run(followed(folder), undefined, after.store);
    expect(again.rows.tag_transitions).toEqual([]);
    expect(recordsIn(again.store)).toEqual(kept);
  });
});

describe('a promotion that cannot be followed', () => {
  const nothing = (): void => undefined;

  it('of a damaged model leaves the last in force, says so once, and is followed when it is mended', async () => {
    const { folder, registry, first, second } = await someRegistry();
    await promote(registry, 'churn', first);
    const straight = await run(followed(folder));
    const weights = join(folder, 'churn', second, 'weights.bin');
    const whole = readFileSync(weights);
    const warnings: string[] = [];
    const damage = async (): Promise<void> => {
      await promote(registry, 'churn', second);
      appendFileSync(weights, 'x');
    };
    const damaged = await run(
      followed(folder, (what) => warnings.push(what)),
      interjected(damage),
    );
    expectSame(damaged, straight);
    expect(warnings).toEqual([
      expect.stringMatching(`^${first} goes on .*${second}/weights\\.bin is not what was saved`),
    ]);

    writeFileSync(weights, whole);
    await promote(registry, 'churn', first);
    const mended = await run(
      followed(folder, (what) => warnings.push(what)),
      interjected(damage, nothing, () => {
        writeFileSync(weights, whole);
      }),
    );
    expect(warnings.length).toBe(2);
    expect(scoredBy(mended)).toEqual(new Set([hash32(second)]));
  });

  it('for want of a registry that can be read leaves the last in force', async () => {
    const { folder, registry, first } = await someRegistry();
    await promote(registry, 'churn', first);
    const straight = await run(followed(folder));
    const warnings: string[] = [];
    const ran = await run(
      followed(folder, (what) => warnings.push(what)),
      interjected(() => {
        writeFileSync(join(folder, 'churn', 'promotions.json'), '{"promotions": [');
      }),
    );
    expectSame(ran, straight);
    expect(warnings).toEqual([expect.stringMatching(/promotions\.json is not JSON.*mend: restore/)]);
  });

  it('stops a process that only starts', async () => {
    const { folder, registry, first } = await someRegistry();
    await promote(registry, 'churn', first);
    appendFileSync(join(folder, 'churn', first, 'weights.bin'), 'x');
    await expect(followed(folder).latest()).rejects.toMatchObject({ code: 'MODEL_INVALID' });
  });
});
