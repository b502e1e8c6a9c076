import { clusterSizes, squaredDistance, type Points } from './nearest-centroid.ts';
import { sampleOf } from './seeded-draws.ts';

/** Above this many points the silhouette is taken over a sample: its cost grows with the square. */
export const SILHOUETTE_SAMPLE = 2_000;

/**
 * Mean silhouette (Rousseeuw 1987), −1 to 1: how much nearer people are to their own cluster than to the next
 * one, by mean Euclidean distance. Who is alone in a cluster counts 0, and so does everybody where there is only one.
 * Exact; time grows with the square of the points.
 */
export function silhouette(points: Points, labels: Int32Array): number {
  const clusters = labels.reduce((most, label) => Math.max(most, label + 1), 0);
  const sizes = clusterSizes(labels, clusters);
  if (sizes.filter((size) => size > 0).length < 2) return 0;
  let total = 0;
  const toClusters = new Float64Array(clusters);
  for (let i = 0; i < points.length; i++) {
    toClusters.fill(0);
    for (let j = 0; j < points.length; j++) {
      const cluster = labels[j] ?? -1;
      const distance = Math.sqrt(squaredDistance(points[i] ?? [], points[j] ?? []));
      toClusters[cluster] = (toClusters[cluster] ?? 0) + distance;
    }
    total += widthOf(toClusters, sizes, labels[i] ?? -1);
  }
  return total / points.length;
}

/** {@link silhouette} over a seeded sample of at most {@link SILHOUETTE_SAMPLE} people, against one another. */
export function sampledSilhouette(points: Points, labels: Int32Array, seed: number): number {
  const chosen = sampleOf([...points.keys()], SILHOUETTE_SAMPLE, seed);
  return silhouette(
    chosen.map((i) => points[i] ?? []),
    Int32Array.from(chosen, (i) => labels[i] ?? -1),
  );
}

function widthOf(toClusters: Float64Array, sizes: readonly number[], own: number): number {
  const others = (sizes[own] ?? 0) - 1;
  if (others <= 0) return 0;
  const inside = (toClusters[own] ?? 0) / others;
  let outside = Infinity;
  sizes.forEach((size, cluster) => {
    if (cluster !== own && size > 0) outside = Math.min(outside, (toClusters[cluster] ?? 0) / size);
  });
  const larger = Math.max(inside, outside);
  return larger === 0 ? 0 : (outside - inside) / larger;
}
