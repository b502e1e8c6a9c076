/**
 * Up to three of `names` that `wrong` may have been meant to be, best first; none when all are far off. Distance
 * counts insertions, deletions, replacements and swaps of neighbours (optimal string alignment); case is ignored.
 */
export function nearestNames(wrong: string, names: Iterable<string>): string[] {
  const limit = Math.max(1, Math.floor(wrong.length / 3));
  const near = [...new Set(names)]
    .map((name) => ({ name, distance: distanceBetween(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance);
  const best = near[0]?.distance ?? 0;
  return near
    .filter(({ distance }) => distance === best)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** `did you mean a, b or c?`, or `otherwise` where nothing comes near. */
export function suggest(wrong: string, names: Iterable<string>, otherwise: string): string {
  const near = nearestNames(wrong, names);
  const last = near.pop();
  if (last === undefined) return otherwise;
  return `did you mean ${near.length === 0 ? last : `${near.join(', ')} or ${last}`}?`;
}

function distanceBetween(a: string, b: string): number {
  let twoBefore: number[] = [];
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (before[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        swap ? (twoBefore[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    [twoBefore, before] = [before, row];
  }
  return before[b.length] ?? 0;
}
