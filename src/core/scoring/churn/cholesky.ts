/**
 * Solves M·x = v for a symmetric positive semi-definite M of `size` × `size`, row by row, by Cholesky's
 * decomposition. M is overwritten; only its lower triangle is read. An unknown that M does not determine (its
 * pivot vanishes beside its diagonal entry) comes out 0, so that doubled columns do no harm.
 */
export function solveCholesky(matrix: Float64Array, vector: Float64Array): Float64Array {
  const size = vector.length;
  const at = (row: number, column: number): number => matrix[row * size + column] ?? NaN;
  for (let j = 0; j < size; j++) {
    let pivot = at(j, j);
    const negligible = pivot * 1e-12;
    for (let k = 0; k < j; k++) pivot -= at(j, k) ** 2;
    const root = pivot > negligible ? Math.sqrt(pivot) : 0;
    matrix[j * size + j] = root;
    for (let i = j + 1; i < size; i++) {
      let sum = at(i, j);
      for (let k = 0; k < j; k++) sum -= at(i, k) * at(j, k);
      matrix[i * size + j] = root === 0 ? 0 : sum / root;
    }
  }
  const solution = Float64Array.from(vector);
  for (let i = 0; i < size; i++) {
    let sum = solution[i] ?? NaN;
    for (let k = 0; k < i; k++) sum -= at(i, k) * (solution[k] ?? NaN);
    solution[i] = at(i, i) === 0 ? 0 : sum / at(i, i);
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = solution[i] ?? NaN;
    for (let k = i + 1; k < size; k++) sum -= at(k, i) * (solution[k] ?? NaN);
    solution[i] = at(i, i) === 0 ? 0 : sum / at(i, i);
  }
  return solution;
}
