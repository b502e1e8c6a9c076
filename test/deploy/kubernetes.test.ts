import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from 'kubernetes-types/apps/v1.d.ts';
import type { Job } from 'kubernetes-types/batch/v1.d.ts';
import type { PodSpec, Secret } from 'kubernetes-types/core/v1.d.ts';
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.d.ts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildProgram } from '../../src/commands/command-line.ts';
import { defaultConfig, describeSettings } from '../../src/config.ts';
import { ROOT } from '../support/source-tree.ts';
import { testWorld } from '../support/test-world.ts';
import { mistakesIn, readKubernetesObjects } from './kubernetes-objects.ts';

const FOLDER = 'deploy/kubernetes';
const read = (path: string) => readFileSync(join(ROOT, FOLDER, path), 'utf8');
const objects = readKubernetesObjects();
const ofKind = <T>(kind: string) =>
  objects.filter((object) => object.kind === kind).map(({ content }) => content as T);
const kustomization = parse(read('kustomization.yaml')) as {
  readonly namespace: string;
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string }[];
  readonly configMapGenerator: readonly { readonly name: string; readonly envs: readonly string[] }[];
};
const [settings] = kustomization.configMapGenerator;

const deployments = ofKind<Deployment>('Deployment');
const pods: [string, PodSpec][] = [...deployments, ...ofKind<Job>('Job')].map((owner) => [
  owner.metadata?.name ?? '',
  owner.spec?.template.spec ?? { containers: [] },
]);
/** Names in a `KEY=value` file. */
const namesIn = (text: string) => text.split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.slice(1) ?? []);
const known = describeSettings();

describe('the manifests for Kubernetes', () => {
  it('are what its API asks for', () => {
    expect(objects.map(({ kind }) => kind).sort()).toEqual([
      'Deployment',
      'Deployment',
      'Job',
      'Namespace',
      'PodDisruptionBudget',
      'PodDisruptionBudget',
      'Secret',
    ]);
    expect(mistakesIn(objects)).toEqual([]);
  });

  it.each([
    ['a field that does not exist', { metadata: { name: 'x' }, spec: { unavailable: 1 } }, 'unavailable'],
    ['another type', { metadata: { name: 'x' }, spec: { selector: 'x' } }, 'LabelSelector'],
  ])('would be refused for %s', (_, content, words) => {
    const wrong = { file: 'x.yaml', apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', content };
    expect(mistakesIn([wrong]).join()).toContain(words);
  });

  it('are all applied, but for the example of a secret', () => {
    const files = new Set(objects.map(({ file }) => file.replace(`${FOLDER}/`, '')));
    expect([...files].filter((file) => !kustomization.resources.includes(file))).toEqual([
      'secret.example.yaml',
    ]);
    expect(kustomization.resources.filter((file) => !files.has(file))).toEqual([]);
  });

  it('set what can be set, secrets in the secret only', () => {
    const plain = (settings?.envs ?? []).flatMap((file) => namesIn(read(file)));
    const [secret] = ofKind<Secret>('Secret');
    const hidden = Object.keys(secret?.stringData ?? {});
    const isSecret = (name: string) => known.find(({ env }) => env === name)?.secret;
    expect(plain.length).toBeGreaterThan(4);
    expect(plain.map(isSecret)).toEqual(plain.map(() => undefined));
    expect([...plain, ...hidden].filter((name) => !known.some(({ env }) => env === name))).toEqual([]);
    expect(hidden.map(isSecret)).toEqual(hidden.map(() => true));
    for (const [, { containers }] of pods) {
      for (const { envFrom = [], image } of containers) {
        expect(envFrom).toEqual([
          { configMapRef: { name: settings?.name } },
          { secretRef: { name: secret?.metadata?.name } },
        ]);
        expect(kustomization.images.map(({ name }) => name)).toEqual([image]);
      }
    }
    expect(secret?.metadata?.namespace).toBe(kustomization.namespace);
  });

  it.each(pods)('run a command that the program takes: %s', (_, { containers }) => {
    const [name, ...args] = containers[0]?.args ?? [];
    const command = buildProgram(testWorld().world).commands.find((each) => each.name() === name);
    const { operands, unknown } = command?.parseOptions(args) ?? { operands: ['?'], unknown: [] };
    expect({ operands, unknown }).toEqual({ operands: [], unknown: [] });
    // The image's own entry point is what takes them.
    expect(containers[0]).not.toHaveProperty('command');
  });

  it.each(pods)('give no rights away: %s', (_, pod) => {
    const [, user] = /^USER (\d+):\d+$/m.exec(readFileSync(join(ROOT, 'deploy/Dockerfile'), 'utf8')) ?? [];
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: Number(user) });
    for (const { securityContext, resources } of pod.containers) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      const some = expect.stringMatching(/^\d+(?:m|Mi|Gi)$/) as string;
      expect(resources).toEqual({ requests: { cpu: some, memory: some }, limits: { memory: some } });
    }
  });

  it.each(deployments.map((one): [string, Deployment] => [one.metadata?.name ?? '', one]))(
    'ask after it where it answers, scrape it, and let it finish: %s',
    (name, { spec }) => {
      const { metadata, spec: pod } = spec?.template ?? {};
      const [container] = pod?.containers ?? [];
      const { httpPort } = defaultConfig();
      expect(container?.ports).toEqual([{ name: 'http', containerPort: httpPort }]);
      expect(container?.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
      expect(container?.livenessProbe?.httpGet).toEqual({ path: '/livez', port: 'http' });
      expect(metadata?.annotations).toMatchObject({
        'prometheus.io/port': String(httpPort),
        'prometheus.io/path': '/metrics',
      });
      // A worker waits up to a minute for Kafka to take in what it is about to say.
      expect(pod?.terminationGracePeriodSeconds).toBeGreaterThan(60);
      const labels = metadata?.labels;
      expect(spec?.selector.matchLabels).toEqual(labels);
      expect(pod?.topologySpreadConstraints?.[0]?.labelSelector?.matchLabels).toEqual(labels);
      const budget = ofKind<PodDisruptionBudget>('PodDisruptionBudget').find(
        ({ metadata: about }) => about?.name === name,
      );
      expect(budget?.spec).toEqual({ maxUnavailable: 1, selector: { matchLabels: labels } });
    },
  );
});
