import { TrainerError } from '../errors.js';

/**
 * A device for training steps, with room for the largest arrays that the card allows: WebGPU's default
 * ends at 128 MiB, which 32 images of 224 pixels almost fill.
 *
 * @throws {TrainerError} `backend-unavailable`
 */
export async function openTrainingDevice(gpu: GPU): Promise<GPUDevice> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw new TrainerError(
      'backend-unavailable',
      'WebGPU has no adapter for training. Use another --backend.',
    );
  }
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  return adapter.requestDevice({
    label: 'emotion-cam training',
    requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
  });
}
