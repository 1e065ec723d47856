import { EmotionCamError, type EmotionCamErrorCode } from '../errors.js';

/** An error as it travels between threads: cloning keeps neither classes nor codes. */
export interface PostedError {
  /** Of an `EmotionCamError`; none: another error. */
  readonly code: EmotionCamErrorCode | undefined;
  readonly message: string;
  /** In words. */
  readonly cause: string | undefined;
}

export function postError(error: unknown): PostedError {
  const code = error instanceof EmotionCamError ? error.code : undefined;
  const message = error instanceof EmotionCamError ? error.message : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  return { code, message, cause: cause && String(cause) };
}

/** The error again, as it was thrown in the other thread. */
export function receiveError({ code, message, cause }: PostedError): Error {
  const options = cause === undefined ? {} : { cause: new Error(cause) };
  return code ? new EmotionCamError(code, message, options) : new Error(message, options);
}
