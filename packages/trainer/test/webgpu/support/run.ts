import type { Dispatch, Value } from '../../../src/webgpu/plan-builder.js';
import { PlanRunner } from '../../../src/webgpu/plan-runner.js';

/** Runs dispatches once. @returns what they wrote to `outputs` */
export async function runDispatches(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  inputs: ReadonlyMap<Value, Float32Array<ArrayBuffer> | ArrayBuffer | Uint8Array<ArrayBuffer>>,
  outputs: readonly Value[],
): Promise<Float32Array[]> {
  const kept = [...new Set([...inputs.keys(), ...outputs])];
  const runner = await PlanRunner.create(device, dispatches, kept);
  for (const [value, data] of inputs) runner.write(value, data);
  runner.submit();
  const written = await Promise.all(outputs.map((value) => runner.read(value)));
  runner.dispose();
  return written;
}
