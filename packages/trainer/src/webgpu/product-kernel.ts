import { kernel, type Kernel, VALUES } from './kernel.js';

/** Side of the tile of a workgroup, and its depth. */
const TILE = 16;

/** What happens to a product before it is written. */
export interface ProductEnd {
  /** A bias for each column, and what is applied to the sum. */
  readonly activation?: 'linear' | 'relu' | 'sigmoid';
  /** Added to what is there. */
  readonly isAdded?: boolean;
  /** ReLU's gradient: 0 where another array of the same shape is. */
  readonly isMasked?: boolean;
}

/** Distances between neighbours, in values. */
export type ProductSize =
  | 'rows'
  | 'columns'
  | 'depth'
  | 'aGroup'
  | 'aRow'
  | 'aDepth'
  | 'bGroup'
  | 'bDepth'
  | 'bColumn'
  | 'cGroup'
  | 'cRow';
const PRODUCT_SIZES: readonly ProductSize[] = [
  ...(['rows', 'columns', 'depth'] as const),
  ...(['aGroup', 'aRow', 'aDepth'] as const),
  ...(['bGroup', 'bDepth', 'bColumn'] as const),
  ...(['cGroup', 'cRow'] as const),
];

const ACTIVATIONS: Readonly<Record<NonNullable<ProductEnd['activation']>, string>> = {
  linear: 'value',
  relu: 'max(value, 0.0)',
  sigmoid: '1.0 / (1.0 + exp(-value))',
};

/**
 * C = A B for groups of small matrices, transposed or not: the fully connected layers of the head and
 * their gradients. Bindings: A; B; with an activation the bias [groups,columns]; masked: the mask; C.
 */
export function productKernel(end: ProductEnd = {}): Kernel<ProductSize> {
  const { activation, isAdded = false, isMasked = false } = end;
  const words = [activation, isAdded && 'added', isMasked && 'masked'].filter(Boolean);
  return kernel(
    ['product', ...words].join(', '),
    PRODUCT_SIZES,
    [
      { name: 'a', access: 'read', type: VALUES },
      { name: 'b', access: 'read', type: VALUES },
      ...(activation ? [{ name: 'bias', access: 'read', type: VALUES } as const] : []),
      ...(isMasked ? [{ name: 'mask', access: 'read', type: VALUES } as const] : []),
      { name: 'c', access: isAdded ? 'update' : 'write', type: VALUES },
    ],
    `
var<workgroup> aTile: array<f32, ${TILE * (TILE + 1)}>;
var<workgroup> bTile: array<f32, ${TILE * (TILE + 1)}>;

@compute @workgroup_size(${TILE * TILE})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let fast = thread % ${TILE}u;
  let slow = thread / ${TILE}u;
  // Neighbouring threads load neighbouring values, whichever way a matrix lies.
  let aRow = select(fast, slow, sizes.aDepth == 1u);
  let aDepth = select(slow, fast, sizes.aDepth == 1u);
  let bColumn = select(slow, fast, sizes.bColumn == 1u);
  let bDepth = select(fast, slow, sizes.bColumn == 1u);
  let firstRow = group.y * ${TILE}u;
  let firstColumn = group.x * ${TILE}u;
  let aFrom = group.z * sizes.aGroup + (firstRow + aRow) * sizes.aRow;
  let bFrom = group.z * sizes.bGroup + (firstColumn + bColumn) * sizes.bColumn;
  var sum = 0.0;
  for (var depth = 0u; depth < sizes.depth; depth += ${TILE}u) {
    var aValue = 0.0;
    var bValue = 0.0;
    if (firstRow + aRow < sizes.rows && depth + aDepth < sizes.depth) {
      aValue = a[aFrom + (depth + aDepth) * sizes.aDepth];
    }
    if (firstColumn + bColumn < sizes.columns && depth + bDepth < sizes.depth) {
      bValue = b[bFrom + (depth + bDepth) * sizes.bDepth];
    }
    workgroupBarrier();
    aTile[aRow * ${TILE + 1}u + aDepth] = aValue;
    bTile[bDepth * ${TILE + 1}u + bColumn] = bValue;
    workgroupBarrier();
    for (var i = 0u; i < ${TILE}u; i++) {
      sum = fma(aTile[slow * ${TILE + 1}u + i], bTile[i * ${TILE + 1}u + fast], sum);
    }
  }
  let row = firstRow + slow;
  let column = firstColumn + fast;
  if (row >= sizes.rows || column >= sizes.columns) { return; }
  let at = group.z * sizes.cGroup + row * sizes.cRow + column;
  var value = sum${activation ? ' + bias[group.z * sizes.columns + column]' : ''};
  ${isAdded ? 'value += c[at];' : ''}
  ${isMasked ? 'value = select(0.0, value, mask[at] > 0.0);' : ''}
  c[at] = ${ACTIVATIONS[activation ?? 'linear']};
}
`,
  );
}

export function productWorkgroups(
  rows: number,
  columns: number,
  groups: number,
): [x: number, y: number, z: number] {
  return [Math.ceil(columns / TILE), Math.ceil(rows / TILE), groups];
}
