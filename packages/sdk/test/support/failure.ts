import { EmotionCamError } from '../../src/errors.js';

/** The error of the SDK that a call throws; anything else fails the test. */
export function failureOf(call: () => unknown): EmotionCamError {
  try {
    call();
  } catch (error) {
    if (error instanceof EmotionCamError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

/** The error of the SDK that a promise is rejected with; anything else fails the test. */
export async function rejectionOf(promise: Promise<unknown>): Promise<EmotionCamError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof EmotionCamError) return error;
    throw error;
  }
  throw new Error('The promise was fulfilled.');
}
