import type { Texts } from './texts.js';

export const texts: Texts = {
  name: 'Expresión facial',
  emotions: {
    neutral: 'Neutral',
    happiness: 'Alegría',
    surprise: 'Sorpresa',
    sadness: 'Tristeza',
    anger: 'Enfado',
    disgust: 'Asco',
    fear: 'Miedo',
  },
  unclear: 'Dudoso',
  expression: 'Expresión',
  noFace: 'Ningún rostro',
  noFaceInView: 'Ningún rostro a la vista',
  scores: 'Puntuaciones de las siete expresiones',

  cameraPicture: 'Imagen de la cámara',
  video: 'Vídeo',
  startCamera: 'Iniciar la cámara',
  playVideo: 'Reproducir el vídeo',
  paused: 'En pausa',
  waitingForCamera: 'Esperando la cámara. Permítala si el navegador lo pregunta.',
  loadingModel: 'Cargando el modelo…',
  cameraOn: 'Cámara encendida',
  stop: 'Detener',

  consentTitle: '¿Se puede leer su expresión facial?',
  consent: [
    'A partir de la imagen de su cámara, esta página calcula en números cuál de siete expresiones muestra su rostro.',
    'Eso ocurre en este dispositivo. La imagen no se envía a ninguna parte.',
    'Ve una expresión, no lo que usted siente. Puede detenerlo en cualquier momento.',
  ],
  agree: 'Aceptar e iniciar',
  decline: 'No, gracias',

  retry: 'Reintentar',
  errors: {
    'camera-dismissed': 'Se cerró la pregunta por la cámara. Inténtelo de nuevo y permítala.',
    'camera-blocked-by-policy':
      'El sitio que contiene esta página no le deja usar la cámara. Abra la página por separado o avise a su responsable.',
    'camera-blocked-by-system':
      'Este dispositivo no da la cámara al navegador. Permítala en los ajustes de privacidad del sistema e inténtelo de nuevo.',
    'camera-not-found': 'No hay ninguna cámara. Conecte o encienda una e inténtelo de nuevo.',
    'camera-in-use':
      'La cámara no se inicia. Cierre otros programas que la usen e inténtelo de nuevo.',
    'camera-constraints': 'La cámara elegida no está conectada. Conéctela e inténtelo de nuevo.',
    'camera-insecure-page': 'La cámara exige una página segura. Abra esta con https://.',
    'camera-in-app-browser':
      'Esta aplicación muestra las páginas sin cámara. Abra la página en su navegador, por ejemplo Safari o Chrome.',
    'camera-unsupported':
      'Este navegador no da cámara a las páginas. Use una versión actual de Chrome, Edge, Firefox o Safari.',
    'camera-failed':
      'No se pudo abrir la cámara. Vuelva a conectarla o reinicie el navegador e inténtelo de nuevo.',
    'stream-ended':
      'La cámara desapareció: desconectada, apagada o retirada. Compruébela e inténtelo de nuevo.',
    'video-unplayable': 'El vídeo no se puede reproducir aquí.',
    'asset-unreachable': 'No se pudo cargar una parte. Compruebe la conexión e inténtelo de nuevo.',
    'backend-unavailable':
      'Este navegador no puede calcularlo. Use una versión actual de Chrome, Edge, Firefox o Safari.',
  },
  allowCamera: {
    chromium:
      'La cámara está bloqueada. Pulse el icono a la izquierda de la dirección, permita la cámara e inténtelo de nuevo.',
    firefox:
      'La cámara está bloqueada. Pulse la cámara tachada en la barra de direcciones, quite el bloqueo e inténtelo de nuevo.',
    safari:
      'La cámara está bloqueada. En los ajustes de Safari, Sitios web › Cámara, permítala para esta página e inténtelo de nuevo.',
    ios: 'La cámara está bloqueada. Abra el menú de la página en la barra de direcciones, luego Ajustes del sitio web › Cámara, permítala e inténtelo de nuevo.',
    android:
      'La cámara está bloqueada. Toque el icono a la izquierda de la dirección, luego Permisos › Cámara, permítala e inténtelo de nuevo.',
  },
  otherError: 'Se detuvo por un error:',
};
