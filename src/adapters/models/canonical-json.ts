/** JSON text that is the same for the same data: keys in order, no space. Only for plain JSON data. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => inOrder(part));
}

function inOrder(part: unknown): unknown {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return part;
  return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
}
