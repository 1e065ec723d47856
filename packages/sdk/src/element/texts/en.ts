import type { Texts } from './texts.js';

export const texts: Texts = {
  name: 'Facial expression',
  emotions: {
    neutral: 'Neutral',
    happiness: 'Happiness',
    surprise: 'Surprise',
    sadness: 'Sadness',
    anger: 'Anger',
    disgust: 'Disgust',
    fear: 'Fear',
  },
  unclear: 'Unclear',
  expression: 'Expression',
  noFace: 'No face',
  noFaceInView: 'No face in view',
  scores: 'Scores of the seven expressions',

  cameraPicture: 'Camera picture',
  video: 'Video',
  startCamera: 'Start camera',
  playVideo: 'Play video',
  paused: 'Paused',
  waitingForCamera: 'Waiting for the camera. Allow it if the browser asks.',
  loadingModel: 'Loading the model…',
  cameraOn: 'Camera on',
  stop: 'Stop',

  consentTitle: 'May your facial expression be read?',
  consent: [
    'From your camera’s picture, this page computes which of seven expressions your face shows, as numbers.',
    'That happens on this device. The picture is not sent anywhere.',
    'It sees an expression, not what you feel. You can stop at any time.',
  ],
  agree: 'Agree and start',
  decline: 'No, thank you',

  retry: 'Try again',
  errors: {
    'camera-dismissed': 'The question for the camera was closed. Try again and allow it.',
    'camera-blocked-by-policy':
      'The site around this page does not let it use the camera. Open the page by itself, or tell its owner.',
    'camera-blocked-by-system':
      'This device does not give its camera to the browser. Allow it in the privacy settings of the system, then try again.',
    'camera-not-found': 'There is no camera. Connect one or switch it on, then try again.',
    'camera-in-use': 'The camera does not start. Close other programs that use it, then try again.',
    'camera-constraints': 'The chosen camera is not connected. Connect it, then try again.',
    'camera-insecure-page': 'A camera needs a secure page. Open this one over https://.',
    'camera-in-app-browser':
      'This app shows pages without a camera. Open the page in your browser, such as Safari or Chrome.',
    'camera-unsupported':
      'This browser gives pages no camera. Use a current Chrome, Edge, Firefox or Safari.',
    'camera-failed':
      'The camera could not be opened. Reconnect it or restart the browser, then try again.',
    'stream-ended':
      'The camera went away: unplugged, switched off or taken back. Check it, then try again.',
    'video-unplayable': 'The video cannot be played here.',
    'asset-unreachable': 'A part could not be loaded. Check the connection, then try again.',
    'backend-unavailable':
      'This browser cannot compute it. Use a current Chrome, Edge, Firefox or Safari.',
  },
  allowCamera: {
    chromium:
      'The camera is blocked. Select the icon to the left of the address, allow the camera, then try again.',
    firefox:
      'The camera is blocked. Select the crossed-out camera in the address bar, remove the block, then try again.',
    safari:
      'The camera is blocked. In Safari’s settings, under Websites › Camera, allow it for this page, then try again.',
    ios: 'The camera is blocked. Open the page menu in the address bar, then Website Settings › Camera, allow it and try again.',
    android:
      'The camera is blocked. Tap the icon to the left of the address, then Permissions › Camera, allow it and try again.',
  },
  otherError: 'It stopped because of an error:',
};
