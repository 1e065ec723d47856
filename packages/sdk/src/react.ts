import { createComponent, type EventName, type ReactWebComponent } from '@lit/react';
import * as React from 'react';
import { EmotionCam as EmotionCamElement } from './define.js';
import type {
  BackendChangeEvent,
  CameraErrorEvent,
  ConsentEvent,
  EmotionCamErrorEvent,
  EmotionChangeEvent,
  EmotionEvent,
  FaceFoundEvent,
  FaceLostEvent,
  ReadyEvent,
  SetupChangeEvent,
} from './events.js';

/**
 * The props of `<EmotionCam>` for events, and the events. No interface: the index signature that it would
 * need makes every prop an event.
 */
type EmotionCamEvents = {
  onReady: EventName<ReadyEvent>;
  onProgress: EventName<ProgressEvent>;
  onEmotion: EventName<EmotionEvent>;
  onEmotionChange: EventName<EmotionChangeEvent>;
  onFaceFound: EventName<FaceFoundEvent>;
  onFaceLost: EventName<FaceLostEvent>;
  onBackendChange: EventName<BackendChangeEvent>;
  onSetupChange: EventName<SetupChangeEvent>;
  onConsent: EventName<ConsentEvent>;
  onCameraError: EventName<CameraErrorEvent>;
  onError: EventName<EmotionCamErrorEvent>;
};

/** `<emotion-cam>` for React 18 and 19: its properties are props, its events `onReady` and so on. */
export const EmotionCam: ReactWebComponent<EmotionCamElement, EmotionCamEvents> = createComponent<
  EmotionCamElement,
  EmotionCamEvents
>({
  react: React,
  tagName: 'emotion-cam',
  elementClass: EmotionCamElement,
  events: {
    onReady: 'ready' as EventName<ReadyEvent>,
    onProgress: 'progress' as EventName<ProgressEvent>,
    onEmotion: 'emotion' as EventName<EmotionEvent>,
    onEmotionChange: 'emotion-change' as EventName<EmotionChangeEvent>,
    onFaceFound: 'face-found' as EventName<FaceFoundEvent>,
    onFaceLost: 'face-lost' as EventName<FaceLostEvent>,
    onBackendChange: 'backend-change' as EventName<BackendChangeEvent>,
    onSetupChange: 'setup-change' as EventName<SetupChangeEvent>,
    onConsent: 'consent' as EventName<ConsentEvent>,
    onCameraError: 'camera-error' as EventName<CameraErrorEvent>,
    onError: 'error' as EventName<EmotionCamErrorEvent>,
  },
});

/** The tag itself in JSX, for React 19, which sets properties of custom elements. */
declare module 'react' {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- React's own
  namespace JSX {
    interface IntrinsicElements {
      'emotion-cam': React.DetailedHTMLProps<
        React.HTMLAttributes<EmotionCamElement> & Partial<EmotionCamElementProps>,
        EmotionCamElement
      >;
    }
  }
}

type EmotionCamElementProps = Pick<
  EmotionCamElement,
  | 'src'
  | 'stream'
  | 'deviceId'
  | 'facingMode'
  | 'autostart'
  | 'consent'
  | 'stopWhenHidden'
  | 'mirrored'
  | 'paused'
  | 'fit'
  | 'overlay'
  | 'quiet'
  | 'labels'
  | 'texts'
  | 'backend'
  | 'thread'
  | 'assets'
  | 'model'
  | 'maxFaces'
  | 'maxFps'
  | 'smoothing'
  | 'threshold'
>;
