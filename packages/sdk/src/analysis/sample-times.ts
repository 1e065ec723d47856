/**
 * The middles of the intervals of 1/fps seconds from the start to the end of a video: at their edges
 * frames change, and times that are rounded in the file would make it chance which of two is taken.
 *
 * @param startSeconds - when the first frame begins
 * @param endSeconds - when the last frame ends
 * @returns seconds; at least one
 */
export function* sampleTimes(
  fps: number,
  startSeconds: number,
  endSeconds: number,
): Generator<number, void> {
  yield Math.min(startSeconds + 0.5 / fps, (startSeconds + endSeconds) / 2);
  for (let i = 1; startSeconds + (i + 0.5) / fps < endSeconds; i++) {
    yield startSeconds + (i + 0.5) / fps;
  }
}
