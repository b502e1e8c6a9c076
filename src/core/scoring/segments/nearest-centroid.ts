/** One person a row, one input a column, scaled alike; centroids have the same columns. */
export type Points = readonly (readonly number[])[];

/** Squared Euclidean distance of two rows of equal length. */
export function squaredDistance(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? NaN) - (b[i] ?? NaN);
    sum += difference * difference;
  }
  return sum;
}

/** Index of the centroid nearest to the point, the first of equals; −1 when there is none or a number is NaN. */
export function nearestCentroid(point: readonly number[], centroids: Points): number {
  let nearest = -1;
  let least = Infinity;
  for (let i = 0; i < centroids.length; i++) {
    const distance = squaredDistance(point, centroids[i] ?? []);
    if (distance < least) {
      least = distance;
      nearest = i;
    }
  }
  return nearest;
}

/** The nearest centroid of every point, in their order. */
export function nearestCentroids(points: Points, centroids: Points): Int32Array {
  return Int32Array.from(points, (point) => nearestCentroid(point, centroids));
}

/** What k-means makes small: the squared distances of the points to their nearest centroids, added up. */
export function sumOfSquares(points: Points, centroids: Points): number {
  return points.reduce((sum, point) => {
    const nearest = centroids[nearestCentroid(point, centroids)] ?? [];
    return sum + squaredDistance(point, nearest);
  }, 0);
}

/** How many points each of `clusters` clusters holds. */
export function clusterSizes(labels: Int32Array, clusters: number): number[] {
  const sizes = new Array<number>(clusters).fill(0);
  for (const label of labels) sizes[label] = (sizes[label] ?? 0) + 1;
  return sizes;
}
