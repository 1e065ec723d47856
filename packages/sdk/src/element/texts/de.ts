import type { Texts } from './texts.js';

export const texts: Texts = {
  name: 'Gesichtsausdruck',
  emotions: {
    neutral: 'Neutral',
    happiness: 'Freude',
    surprise: 'Überraschung',
    sadness: 'Trauer',
    anger: 'Ärger',
    disgust: 'Ekel',
    fear: 'Angst',
  },
  unclear: 'Unklar',
  expression: 'Ausdruck',
  noFace: 'Kein Gesicht',
  noFaceInView: 'Kein Gesicht im Bild',
  scores: 'Werte der sieben Ausdrücke',

  cameraPicture: 'Kamerabild',
  video: 'Video',
  startCamera: 'Kamera starten',
  playVideo: 'Video abspielen',
  paused: 'Angehalten',
  waitingForCamera: 'Warten auf die Kamera. Bitte erlauben, wenn der Browser fragt.',
  loadingModel: 'Das Modell wird geladen …',
  cameraOn: 'Kamera an',
  stop: 'Beenden',

  consentTitle: 'Darf Ihr Gesichts\u00adausdruck gelesen werden?',
  consent: [
    'Aus dem Bild Ihrer Kamera berechnet diese Seite als Zahlen, welchen von sieben Ausdrücken Ihr Gesicht zeigt.',
    'Das geschieht auf diesem Gerät. Das Bild wird nirgendwohin gesendet.',
    'Sie sieht einen Ausdruck, nicht, was Sie fühlen. Sie können jederzeit aufhören.',
  ],
  agree: 'Zustimmen und starten',
  decline: 'Nein, danke',

  retry: 'Noch einmal versuchen',
  errors: {
    'camera-dismissed':
      'Die Frage nach der Kamera wurde geschlossen. Bitte noch einmal versuchen und erlauben.',
    'camera-blocked-by-policy':
      'Die umgebende Seite gibt die Kamera nicht weiter. Öffnen Sie diese Seite für sich, oder sagen Sie es dem Betreiber.',
    'camera-blocked-by-system':
      'Dieses Gerät gibt dem Browser keine Kamera. Erlauben Sie sie in den Datenschutz-Einstellungen des Systems und versuchen Sie es noch einmal.',
    'camera-not-found':
      'Es gibt keine Kamera. Schließen Sie eine an oder schalten Sie sie ein und versuchen Sie es noch einmal.',
    'camera-in-use':
      'Die Kamera startet nicht. Schließen Sie andere Programme, die sie benutzen, und versuchen Sie es noch einmal.',
    'camera-constraints':
      'Die gewählte Kamera ist nicht angeschlossen. Schließen Sie sie an und versuchen Sie es noch einmal.',
    'camera-insecure-page':
      'Eine Kamera braucht eine sichere Seite. Öffnen Sie diese über https://.',
    'camera-in-app-browser':
      'Diese App zeigt Seiten ohne Kamera. Öffnen Sie die Seite im Browser, etwa in Safari oder Chrome.',
    'camera-unsupported':
      'Dieser Browser gibt Seiten keine Kamera. Nehmen Sie einen aktuellen Chrome, Edge, Firefox oder Safari.',
    'camera-failed':
      'Die Kamera ließ sich nicht öffnen. Stecken Sie sie neu ein oder starten Sie den Browser neu und versuchen Sie es noch einmal.',
    'stream-ended':
      'Die Kamera ist weg: abgezogen, ausgeschaltet oder entzogen. Prüfen Sie sie und versuchen Sie es noch einmal.',
    'video-unplayable': 'Das Video lässt sich hier nicht abspielen.',
    'asset-unreachable':
      'Ein Teil ließ sich nicht laden. Prüfen Sie die Verbindung und versuchen Sie es noch einmal.',
    'backend-unavailable':
      'Dieser Browser kann es nicht berechnen. Nehmen Sie einen aktuellen Chrome, Edge, Firefox oder Safari.',
  },
  allowCamera: {
    chromium:
      'Die Kamera ist gesperrt. Wählen Sie das Zeichen links neben der Adresse, erlauben Sie die Kamera und versuchen Sie es noch einmal.',
    firefox:
      'Die Kamera ist gesperrt. Wählen Sie die durchgestrichene Kamera in der Adressleiste, heben Sie die Sperre auf und versuchen Sie es noch einmal.',
    safari:
      'Die Kamera ist gesperrt. Erlauben Sie sie in den Einstellungen von Safari unter Websites › Kamera und versuchen Sie es noch einmal.',
    ios: 'Die Kamera ist gesperrt. Öffnen Sie das Seitenmenü in der Adressleiste, dann Website-Einstellungen › Kamera, erlauben Sie sie und versuchen Sie es noch einmal.',
    android:
      'Die Kamera ist gesperrt. Tippen Sie auf das Zeichen links neben der Adresse, dann Berechtigungen › Kamera, erlauben Sie sie und versuchen Sie es noch einmal.',
  },
  otherError: 'Es hat wegen eines Fehlers aufgehört:',
};
