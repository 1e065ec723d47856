import type { Texts } from './texts.js';

export const texts: Texts = {
  name: 'Expression du visage',
  emotions: {
    neutral: 'Neutre',
    happiness: 'Joie',
    surprise: 'Surprise',
    sadness: 'Tristesse',
    anger: 'Colère',
    disgust: 'Dégoût',
    fear: 'Peur',
  },
  unclear: 'Incertain',
  expression: 'Expression',
  noFace: 'Aucun visage',
  noFaceInView: 'Aucun visage à l’image',
  scores: 'Scores des sept expressions',

  cameraPicture: 'Image de la caméra',
  video: 'Vidéo',
  startCamera: 'Démarrer la caméra',
  playVideo: 'Lire la vidéo',
  paused: 'En pause',
  waitingForCamera: 'En attente de la caméra. Autorisez-la si le navigateur le demande.',
  loadingModel: 'Chargement du modèle…',
  cameraOn: 'Caméra active',
  stop: 'Arrêter',

  consentTitle: 'Votre expression peut-elle être lue ?',
  consent: [
    'À partir de l’image de votre caméra, cette page calcule, sous forme de nombres, laquelle de sept expressions montre votre visage.',
    'Le calcul se fait sur cet appareil. L’image n’est envoyée nulle part.',
    'Elle voit une expression, pas ce que vous ressentez. Vous pouvez arrêter à tout moment.',
  ],
  agree: 'Accepter et démarrer',
  decline: 'Non, merci',

  retry: 'Réessayer',
  errors: {
    'camera-dismissed': 'La demande d’accès à la caméra a été fermée. Réessayez et autorisez-la.',
    'camera-blocked-by-policy':
      'Le site qui contient cette page ne lui donne pas accès à la caméra. Ouvrez la page seule ou prévenez son responsable.',
    'camera-blocked-by-system':
      'Cet appareil ne donne pas la caméra au navigateur. Autorisez-la dans les réglages de confidentialité du système, puis réessayez.',
    'camera-not-found': 'Aucune caméra. Branchez-en une ou allumez-la, puis réessayez.',
    'camera-in-use':
      'La caméra ne démarre pas. Fermez les autres programmes qui l’utilisent, puis réessayez.',
    'camera-constraints': 'La caméra choisie n’est pas branchée. Branchez-la, puis réessayez.',
    'camera-insecure-page': 'La caméra exige une page sécurisée. Ouvrez celle-ci avec https://.',
    'camera-in-app-browser':
      'Cette application affiche les pages sans caméra. Ouvrez la page dans votre navigateur, par exemple Safari ou Chrome.',
    'camera-unsupported':
      'Ce navigateur ne donne pas de caméra aux pages. Utilisez une version récente de Chrome, Edge, Firefox ou Safari.',
    'camera-failed':
      'La caméra n’a pas pu être ouverte. Rebranchez-la ou redémarrez le navigateur, puis réessayez.',
    'stream-ended':
      'La caméra a disparu : débranchée, éteinte ou retirée. Vérifiez-la, puis réessayez.',
    'video-unplayable': 'La vidéo ne peut pas être lue ici.',
    'asset-unreachable':
      'Un élément n’a pas pu être chargé. Vérifiez la connexion, puis réessayez.',
    'backend-unavailable':
      'Ce navigateur ne peut pas faire le calcul. Utilisez une version récente de Chrome, Edge, Firefox ou Safari.',
  },
  allowCamera: {
    chromium:
      'La caméra est bloquée. Choisissez l’icône à gauche de l’adresse, autorisez la caméra, puis réessayez.',
    firefox:
      'La caméra est bloquée. Choisissez la caméra barrée dans la barre d’adresse, levez le blocage, puis réessayez.',
    safari:
      'La caméra est bloquée. Dans les réglages de Safari, Sites web › Caméra, autorisez-la pour cette page, puis réessayez.',
    ios: 'La caméra est bloquée. Ouvrez le menu de la page dans la barre d’adresse, puis Réglages du site web › Caméra, autorisez-la et réessayez.',
    android:
      'La caméra est bloquée. Touchez l’icône à gauche de l’adresse, puis Autorisations › Caméra, autorisez-la et réessayez.',
  },
  otherError: 'Arrêt à cause d’une erreur :',
};
