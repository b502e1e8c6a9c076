/** A worker of the group, and the partitions it had before. */
export interface GroupMember {
  readonly id: string;
  readonly had: readonly number[];
}

/**
 * Shares `partitions` out: each to exactly one member, no member with two more than another, and as many as possible
 * to whoever had them. Of two that claim the same partition the smaller id has had it. The order of the members does
 * not matter. Nobody there: nothing is shared out.
 */
export function assignPartitions(
  partitions: number,
  members: readonly GroupMember[],
): ReadonlyMap<string, readonly number[]> {
  const claims = claimsOf(partitions, members);
  // Who had most is given the larger share, so that less has to move.
  const byClaims = [...claims.keys()].sort(
    (a, b) => (claims.get(b) ?? []).length - (claims.get(a) ?? []).length || order(a, b),
  );
  const share = Math.floor(partitions / Math.max(1, byClaims.length));
  const larger = partitions - share * byClaims.length;
  const assigned = new Map(
    byClaims.map((id, rank) => [id, (claims.get(id) ?? []).slice(0, share + (rank < larger ? 1 : 0))]),
  );

  const taken = new Set([...assigned.values()].flat());
  const free = [...Array(partitions).keys()].filter((partition) => !taken.has(partition));
  byClaims.forEach((id, rank) => {
    const own = assigned.get(id) ?? [];
    own.push(...free.splice(0, share + (rank < larger ? 1 : 0) - own.length));
    own.sort((a, b) => a - b);
  });
  return assigned;
}

function claimsOf(partitions: number, members: readonly GroupMember[]): Map<string, number[]> {
  const claimed = new Set<number>();
  const claims = new Map<string, number[]>();
  for (const { id, had } of [...members].sort((a, b) => order(a.id, b.id))) {
    const own = [...new Set(had)]
      .filter((partition) => partition >= 0 && partition < partitions && !claimed.has(partition))
      .sort((a, b) => a - b);
    for (const partition of own) claimed.add(partition);
    claims.set(id, own);
  }
  return claims;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
