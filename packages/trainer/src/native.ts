import { createRequire } from 'node:module';

/** The compiled kernels of packages/trainer/native. Arrays are read and written in place. */
export interface NativeModule {
  /**
   * @param plan - of `backbonePlan`
   * @param arena - parameters, by the arena's layout
   * @param images - normalised RGB, [N,S,S,3]
   * @param features - written: means over the last map, [N,p]
   * @param statistics - written: mean and unbiased variance of every layer, by the arena's layout
   */
  backboneForward(
    plan: Int32Array,
    epsilon: number,
    arena: Float32Array,
    images: Float32Array,
    features: Float32Array,
    statistics: Float32Array,
  ): void;
  /**
   * Goes back through the forward pass that this thread did last.
   *
   * @param dFeatures - dL/dfeatures, [N,p]
   * @param gradient - written: the gradients of the backbone's parameters, by the arena's layout
   */
  backboneBackward(arena: Float32Array, dFeatures: Float32Array, gradient: Float32Array): void;
  /** What this thread has spent in the backbone's convolutions so far; for the benchmark. */
  convolutionSeconds(): number;
  /** @param geometry - the 17 numbers of `geometryOf` */
  convolve(
    geometry: Int32Array,
    input: Float32Array,
    filter: Float32Array,
    output: Float32Array,
  ): void;
  /** @param numbers - batch of a, batch of b, rows, columns, inner, transposeA, transposeB */
  matMul(a: Float32Array, b: Float32Array, out: Float32Array, numbers: Int32Array): void;
  /**
   * @param numbers - beta1, beta2, epsilon, learning rate, the corrections of both moments, what the
   *   average keeps of itself
   * @param average - empty where there is none
   */
  adam(
    numbers: Float64Array,
    parameters: Float32Array,
    moment1: Float32Array,
    moment2: Float32Array,
    decay: Float32Array,
    average: Float32Array,
    ...gradients: Float32Array[]
  ): void;
}

/** The compiled module, or undefined where it has not been built (`npm run build:native`). */
export function loadNative(): NativeModule | undefined {
  const require = createRequire(import.meta.url);
  try {
    return require('../native/trainer.node') as NativeModule;
  } catch {
    return undefined;
  }
}

let moduleInUse: NativeModule | undefined;

/** Says whether this thread's training steps run on the compiled module. */
export function useNative(native: NativeModule | undefined): void {
  moduleInUse = native;
}

/** The compiled module where this thread's back end is `native`. */
export function nativeInUse(): NativeModule | undefined {
  return moduleInUse;
}
