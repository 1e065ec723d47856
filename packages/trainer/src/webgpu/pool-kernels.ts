import { kernel, linearMain, type Kernel } from './kernel.js';
import { NORMALISED } from './batch-norm-kernels.js';

/** A window in which no value is above 0: its gradient goes nowhere. */
const NOWHERE = 15;

const POOL_SIZES = ['count', 'quads', 'side', 'pooledSide'] as const;
type PoolSize = (typeof POOL_SIZES)[number];

/**
 * Normalisation, ReLU and max pooling 3x3, stride 2, padding 1, without the maps between them. Which of a
 * window's nine values was the largest is kept, a byte for each channel. Bindings: x; the normalisation;
 * y; the places. `count` is that of y's vectors.
 */
export const POOL: Kernel<PoolSize> = kernel(
  'normalise and pool',
  POOL_SIZES,
  [
    { name: 'x', access: 'read' },
    { name: 'norm', access: 'read' },
    { name: 'y', access: 'write' },
    { name: 'places', access: 'write', type: 'array<u32>' },
  ],
  NORMALISED +
    linearMain(
      'sizes.count',
      `  let quad = index % sizes.quads;
  let pixel = index / sizes.quads;
  let left = i32(pixel % sizes.pooledSide) * 2 - 1;
  let top = i32(pixel / sizes.pooledSide % sizes.pooledSide) * 2 - 1;
  let image = pixel / (sizes.pooledSide * sizes.pooledSide);
  var largest = vec4f();
  var place = vec4u(${NOWHERE}u);
  for (var tap = 0u; tap < 9u; tap++) {
    let row = top + i32(tap / 3u);
    let column = left + i32(tap % 3u);
    if (min(row, column) >= 0 && max(row, column) < i32(sizes.side)) {
      let at = (image * sizes.side + u32(row)) * sizes.side + u32(column);
      let value = normalised(x[at * sizes.quads + quad], quad);
      place = select(place, vec4u(tap), value > largest);
      largest = max(largest, value);
    }
  }
  y[index] = largest;
  places[index] = place.x | (place.y << 8u) | (place.z << 16u) | (place.w << 24u);`,
    ),
);

/**
 * The gradient of {@link POOL} with respect to the normalised map. Bindings: dL/dy; the places; the
 * gradient. `count` is that of the gradient's vectors.
 */
export const POOL_GRADIENT: Kernel<PoolSize> = kernel(
  'pool gradient',
  POOL_SIZES,
  [
    { name: 'gradient', access: 'read' },
    { name: 'places', access: 'read', type: 'array<u32>' },
    { name: 'result', access: 'write' },
  ],
  linearMain(
    'sizes.count',
    `  let quad = index % sizes.quads;
  let pixel = index / sizes.quads;
  let column = pixel % sizes.side;
  let row = pixel / sizes.side % sizes.side;
  let image = pixel / (sizes.side * sizes.side);
  var sum = vec4f();
  for (var pooledRow = row / 2u; pooledRow <= (row + 1u) / 2u; pooledRow++) {
    for (var pooledColumn = column / 2u; pooledColumn <= (column + 1u) / 2u; pooledColumn++) {
      if (max(pooledRow, pooledColumn) < sizes.pooledSide) {
        let at = ((image * sizes.pooledSide + pooledRow) * sizes.pooledSide + pooledColumn) * sizes.quads + quad;
        let own = (row + 1u - 2u * pooledRow) * 3u + column + 1u - 2u * pooledColumn;
        let place = (vec4u(places[at]) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u);
        sum += select(vec4f(), gradient[at], place == vec4u(own));
      }
    }
  }
  result[index] = sum;`,
  ),
);
