import {
  analyzeVideo,
  type AnalysisProgress,
  type Recording,
  type VideoAnalysis,
} from 'emotion-cam';
import { clock } from './clock.js';
import { CueList } from './cue-list.js';
import { FaceBoxes } from './face-boxes.js';
import { FaceTimeline } from './face-timeline.js';
import { pageElement } from './page-element.js';
import { saveRecording, type RecordingFormat } from './save-recording.js';
import { acceptVideoFiles } from './video-files.js';

/** The page that analyses a recorded video. */

const CLIP = './clip.webm';

/** A video that can be analysed again with other options. */
interface Chosen {
  readonly video: File | string;
  /** For the player. */
  readonly address: string;
  readonly name: string;
}

const options = pageElement('#options', HTMLFormElement);
const work = pageElement('#work', HTMLElement);
const progressBar = pageElement('#progress', HTMLProgressElement);
const numbers = pageElement('#numbers', HTMLElement);
const note = pageElement('#note', HTMLElement);
const result = pageElement('#result', HTMLElement);
const stage = pageElement('#stage', HTMLElement);
const video = pageElement('#video', HTMLVideoElement);
const exports = [...document.querySelectorAll<HTMLButtonElement>('#exports button')];
const cues = new CueList(video, pageElement('#cues', HTMLElement));
const boxes = new FaceBoxes(video, pageElement('#boxes', HTMLElement));
const timeline = new FaceTimeline(
  pageElement('#timeline', HTMLElement),
  pageElement('#face', HTMLSelectElement),
  (seconds) => {
    video.currentTime = seconds;
  },
);

let chosen: Chosen | undefined;
/** Ends the run that goes on; a new one ends the one before. */
let run = new AbortController();
let recording: Recording | undefined;

acceptVideoFiles(pageElement('#file', HTMLInputElement), {
  onVideo: (address, name, file) => {
    void analyze({ video: file, address, name });
  },
  onOther: (sentence) => tell(sentence, true),
});
pageElement('#clip', HTMLButtonElement).addEventListener('click', () => {
  void analyze({ video: CLIP, address: CLIP, name: 'clip.webm' });
});
options.addEventListener('change', ({ target }) => {
  if (target instanceof HTMLSelectElement && chosen) void analyze(chosen);
});
pageElement('#cancel', HTMLButtonElement).addEventListener('click', () => run.abort());
for (const button of exports) {
  button.addEventListener('click', () => {
    const name = chosen?.name.replace(/\.[^.]*$/, '') ?? 'recording';
    if (recording) saveRecording(recording, button.value as RecordingFormat, name);
  });
}
video.addEventListener('loadedmetadata', () => {
  stage.hidden = false;
  stage.style.setProperty('--ratio', `${video.videoWidth / video.videoHeight}`);
});
video.addEventListener('error', () => {
  stage.hidden = true; // it may be decoded all the same, with WebCodecs
});
for (const type of ['seeked', 'timeupdate']) {
  video.addEventListener(type, () => void timeline.point(video.currentTime));
}

async function analyze(wanted: Chosen): Promise<void> {
  run.abort();
  const mine = (run = new AbortController());
  chosen = wanted;
  begin(wanted);
  const isMine = (): boolean => run === mine;
  try {
    const form = new FormData(options);
    const fps = form.get('fps');
    const analysis = await analyzeVideo(wanted.video, {
      ...(fps !== '' && { fps: Number(fps) }),
      recognizer: { model: form.get('model') as string, maxFaces: Number(form.get('faces')) },
      signal: mine.signal,
      onProgress: (progress) => {
        if (isMine()) show(progress);
      },
    });
    if (isMine()) finish(analysis);
  } catch (error) {
    if (isMine() && mine.signal.aborted) tell('Cancelled before the first frame.');
    else if (isMine()) tell(error instanceof Error ? error.message : String(error), true);
    if (isMine() && !recording) result.hidden = true;
  } finally {
    if (isMine()) work.hidden = true;
  }
}

function begin({ address }: Chosen): void {
  recording = undefined;
  tell('');
  work.hidden = false;
  progressBar.removeAttribute('value'); // under way, nobody knows how far
  numbers.textContent = 'Loading the model';
  result.hidden = false;
  for (const button of exports) button.disabled = true;
  void timeline.clear();
  timeline.show([]);
  cues.clear();
  boxes.show([]);
  if (video.src !== new URL(address, location.href).href) video.src = address;
}

function show(progress: AnalysisProgress): void {
  const { fraction, timeMs, durationMs, speed, remainingMs } = progress;
  progressBar.value = fraction;
  const isMoving = speed > 0;
  numbers.textContent = [
    `${Math.floor(fraction * 100)} %`,
    ...(isMoving ? [`${clock(remainingMs / 1000)} left`] : []),
    `${clock(timeMs / 1000)} of ${clock(durationMs / 1000)}`,
    ...(isMoving ? [`${speed.toFixed(1)} times real time`] : []),
  ].join(' · ');
  void timeline.append(progress);
}

function finish(analysis: VideoAnalysis): void {
  const { ending, error, frames, elapsedMs, decoding, backend } = analysis;
  recording = analysis.recording;
  const recorded = recording.frames;
  for (const button of exports) button.disabled = false;
  timeline.show(recorded);
  cues.show(recording);
  boxes.show(recorded);
  const seconds = elapsedMs / 1000;
  const speed = (recorded.at(-1)?.timeMs ?? 0) / 1000 / seconds;
  const what = `${frames} frames in ${seconds.toFixed(1)} s, ${speed.toFixed(1)} times real time, on ${backend.name}.`;
  const beginning = {
    complete: '',
    cancelled: 'Cancelled; so far ',
    failed: `${error?.message} Until there `,
  };
  tell(`${beginning[ending]}${what} ${decoding.reason}`, ending === 'failed');
}

function tell(sentence: string, isTrouble = false): void {
  note.textContent = sentence;
  note.hidden = sentence === '';
  note.classList.toggle('trouble', isTrouble);
}
