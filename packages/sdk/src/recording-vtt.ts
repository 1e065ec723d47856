import type { Emotion } from './network/emotions.js';
import type { RecordedFace, RecordedFrame } from './recording.js';

/** Frames that are farther apart have a pause between them, in which nothing is known. */
const LONGEST_GAP_MS = 1000;
/** How long a frame is shown before a pause, and the last one. */
const LAST_FRAME_MS = 100;

/** For as long as a face shows one expression. */
interface Cue {
  readonly id: number;
  readonly emotion: Emotion;
  readonly isUncertain: boolean;
  readonly startMs: number;
  endMs: number;
  /** Of the expression, in each frame. */
  readonly scores: number[];
}

/** Subtitles, with the face as their voice: https://www.w3.org/TR/webvtt1/ */
export function recordingToVtt(frames: readonly RecordedFrame[]): string {
  const cues: Cue[] = [];
  let open: Cue[] = [];
  frames.forEach(({ timeMs, faces }, i) => {
    const nextMs = frames[i + 1]?.timeMs ?? Infinity;
    const endMs = nextMs - timeMs > LONGEST_GAP_MS ? timeMs + LAST_FRAME_MS : nextMs;
    open = faces.map((face) => {
      const goesOn = open.find((cue) => continues(cue, face, timeMs));
      const { id, emotion, isUncertain } = face;
      const cue = goesOn ?? { id, emotion, isUncertain, startMs: timeMs, endMs, scores: [] };
      if (!goesOn) cues.push(cue);
      cue.endMs = endMs;
      cue.scores.push(face.scores[emotion]);
      return cue;
    });
  });
  return ['WEBVTT', ...cues.map(toText)].map((block) => `${block}\n`).join('\n');
}

function continues(cue: Cue, face: RecordedFace, timeMs: number): boolean {
  const isSame = cue.emotion === face.emotion && cue.isUncertain === face.isUncertain;
  return isSame && cue.id === face.id && cue.endMs === timeMs;
}

function toText({ id, emotion, isUncertain, startMs, endMs, scores }: Cue): string {
  const mean = scores.reduce((a, b) => a + b) / scores.length;
  const shown = `${emotion}${isUncertain ? '?' : ''} ${(100 * mean).toFixed(0)} %`;
  return `${timeOf(startMs)} --> ${timeOf(endMs)}\n<v Face ${id}>${shown}`;
}

/** As in 01:02:03.456 */
function timeOf(ms: number): string {
  const whole = Math.round(ms);
  const digits = (value: number, length: number): string => String(value).padStart(length, '0');
  const [hours, minutes] = [Math.floor(whole / 3_600_000), Math.floor(whole / 60_000) % 60];
  const [seconds, rest] = [Math.floor(whole / 1000) % 60, whole % 1000];
  return `${digits(hours, 2)}:${digits(minutes, 2)}:${digits(seconds, 2)}.${digits(rest, 3)}`;
}
