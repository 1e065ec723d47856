import { EMOTIONS } from './network/emotions.js';
import type { RecordedFace, RecordedFrame } from './recording.js';

const SCORES = ['scores', 'calibratedScores', 'rawScores'] as const;
const SCORE_PREFIXES = ['score', 'calibrated', 'raw'];

const HEADER: readonly string[] = [
  ...['time_ms', 'face', 'emotion', 'uncertain', 'detection_score', 'roll_degrees'],
  ...['x_px', 'y_px', 'width_px', 'height_px'],
  ...SCORE_PREFIXES.flatMap((prefix) => EMOTIONS.map((emotion) => `${prefix}_${emotion}`)),
];

/** A table as RFC 4180 has it. */
export function recordingToCsv(frames: readonly RecordedFrame[]): string {
  const lines = frames.flatMap(({ timeMs, faces }) => {
    const time = timeMs.toFixed(1);
    if (faces.length === 0) return [[time, ...new Array<string>(HEADER.length - 1).fill('')]];
    return faces.map((face) => [time, ...cells(face)]);
  });
  return [HEADER, ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

function cells(face: RecordedFace): string[] {
  const { x, y, width, height } = face.box;
  return [
    ...[String(face.id), face.emotion, String(face.isUncertain)],
    ...[face.detectionScore.toFixed(4), face.rollDegrees.toFixed(2)],
    ...[x, y, width, height].map((pixels) => pixels.toFixed(1)),
    ...SCORES.flatMap((name) => EMOTIONS.map((emotion) => face[name][emotion].toFixed(4))),
  ];
}
