/**
 * Pairs rows with columns so that the costs of all pairs add up to the least: the Hungarian method,
 * by shortest augmenting paths (Kuhn 1955, Munkres 1957; O(rows² columns)). A pair that costs
 * `noPairCost` or more is none: both stay alone, as if that were the cost of a row without a column.
 *
 * @param costs - one list of finite or infinite costs for each row, all of the same length
 * @returns the column of each row, -1 for a row that stays alone
 */
export function assign(costs: readonly (readonly number[])[], noPairCost: number): number[] {
  const rows = costs.length;
  // One more column for each row, where it is alone: then no row is ever left over.
  const columns = (costs[0]?.length ?? 0) + rows;
  const cost = (row: number, column: number): number =>
    Math.min(costs[row]![column] ?? noPairCost, noPairCost);

  // The dual problem: cost(r, c) - rowPrices[r] - columnPrices[c] >= 0, and 0 for pairs.
  const rowPrices = new Float64Array(rows);
  const columnPrices = new Float64Array(columns);
  const rowOf = new Int32Array(columns).fill(-1);

  for (let newRow = 0; newRow < rows; newRow++) {
    // Dijkstra from the new row to the nearest free column, along edges of reduced cost.
    const distances = new Float64Array(columns).fill(Infinity);
    const cameFrom = new Int32Array(columns).fill(-1); // the column before it on the path
    const isDone = new Uint8Array(columns);
    let row = newRow;
    let column = -1;
    let reached = 0;
    for (;;) {
      let nearest = -1;
      for (let next = 0; next < columns; next++) {
        if (isDone[next]) continue;
        const distance = reached + cost(row, next) - rowPrices[row]! - columnPrices[next]!;
        if (distance < distances[next]!) {
          distances[next] = distance;
          cameFrom[next] = column;
        }
        if (nearest === -1 || distances[next]! < distances[nearest]!) nearest = next;
      }
      column = nearest;
      reached = distances[column]!;
      if (rowOf[column] === -1) break;
      isDone[column] = 1;
      row = rowOf[column]!;
    }
    // New prices keep every edge at 0 or more and those of the path at 0.
    rowPrices[newRow]! += reached;
    for (let done = 0; done < columns; done++) {
      if (!isDone[done]) continue;
      const gain = reached - distances[done]!;
      columnPrices[done]! -= gain;
      rowPrices[rowOf[done]!]! += gain;
    }
    // Every column on the path goes to the row before it.
    while (column !== -1) {
      const before = cameFrom[column]!;
      rowOf[column] = before === -1 ? newRow : rowOf[before]!;
      column = before;
    }
  }

  const columnOf = new Array<number>(rows).fill(-1);
  rowOf.forEach((row, column) => {
    if (row !== -1 && (costs[row]![column] ?? Infinity) < noPairCost) columnOf[row] = column;
  });
  return columnOf;
}
