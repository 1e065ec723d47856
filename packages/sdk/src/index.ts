/**
 * Facial expressions in the browser: the element {@link EmotionCam} and, without one,
 * {@link EmotionRecognizer}.
 *
 * @packageDocumentation
 * @mergeModuleWith <project>
 */
export type { AnalysisProgress } from './analysis/analysis-progress.js';
export {
  analyzeVideo,
  type AnalysisOptions,
  type VideoAnalysis,
} from './analysis/analyze-video.js';
export type { VideoDecoding } from './analysis/decoded-frame.js';
export type { RecordedVideo } from './analysis/video-input.js';
export type { AssetLocations } from './assets.js';
export type { Backend, BackendName } from './backend.js';
export type { Baseline } from './baseline.js';
export type { EmotionCamStats } from './element/stats.js';
export { EmotionCam, type EmotionCamState } from './emotion-cam.js';
export type { BrowserFamily } from './browser.js';
export type { CameraErrorCode } from './camera.js';
export { EmotionCamError, type EmotionCamErrorCode } from './errors.js';
export type { ConsentMode } from './element/consent.js';
export type { SnapshotOptions } from './element/snapshot.js';
export type { Language } from './element/texts/language.js';
export type { AllowCamera, ExplainedError, Texts } from './element/texts/texts.js';
export type { EmotionLabels } from './element/words.js';
export {
  BackendChangeEvent,
  CameraErrorEvent,
  ConsentEvent,
  EmotionCamErrorEvent,
  type EmotionCamEventMap,
  EmotionChangeEvent,
  EmotionEvent,
  type EmotionRecognizerEventMap,
  FaceFoundEvent,
  FaceLostEvent,
  ReadyEvent,
  SetupChangeEvent,
} from './events.js';
export type { Explanation } from './explanation.js';
export type { CropTransform, Point } from './face-crop.js';
export type { Box } from './face-detector.js';
export type { Frame, FrameSize } from './frame.js';
export type { NetworkConfig } from './network/config.js';
export { EMOTIONS, type Emotion } from './network/emotions.js';
export type {
  ModelManifest,
  RgbTriple,
  ShardEntry,
  TensorEntry,
  WeightsPrecision,
  WeightsVariant,
} from './network/manifest.js';
export type { EyeTemplate, UnitPoint } from './network/preprocessing.js';
export type { FrameTimings } from './pipeline.js';
export type { FaceReading, RecognitionResult, Scores } from './reading.js';
export type { ModelName, RecognizerOptions } from './recognizer-options.js';
export type { Thread, ThreadName } from './thread.js';
export { EmotionRecognizer, type StartTimings } from './recognizer.js';
export type {
  RecordedFace,
  RecordedFrame,
  Recording,
  RecordingData,
  RecordingOptions,
} from './recording.js';
export type { VideoWatch, WatchOptions } from './video-watch.js';
