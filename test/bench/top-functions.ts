interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** The functions of a V8 CPU profile (JSON) with the most self time, one a line: share, name, file. */
export function topFunctions(profileJson: string, count: number): string {
  const { nodes, samples, timeDeltas } = JSON.parse(profileJson) as Profile;
  const nameOf = new Map(
    nodes.map(({ id, callFrame: { functionName, url } }) => [
      id,
      `${functionName === '' ? '(anonymous)' : functionName} ${url.split('/').slice(-2).join('/')}`.trim(),
    ]),
  );
  const selfMicros = new Map<string, number>();
  let totalMicros = 0;
  samples.forEach((id, i) => {
    const name = nameOf.get(id) ?? '?';
    const micros = timeDeltas[i] ?? 0;
    selfMicros.set(name, (selfMicros.get(name) ?? 0) + micros);
    totalMicros += micros;
  });
  return [...selfMicros]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([name, micros]) => `${((100 * micros) / totalMicros).toFixed(1).padStart(5)} %  ${name}`)
    .join('\n');
}
