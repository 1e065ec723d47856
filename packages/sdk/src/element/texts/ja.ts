import type { Texts } from './texts.js';

export const texts: Texts = {
  name: '顔の表情',
  emotions: {
    neutral: '無表情',
    happiness: '喜び',
    surprise: '驚き',
    sadness: '悲しみ',
    anger: '怒り',
    disgust: '嫌悪',
    fear: '恐れ',
  },
  unclear: '不明確',
  expression: '表情',
  noFace: '顔なし',
  noFaceInView: '顔が映っていません',
  scores: '7つの表情のスコア',

  cameraPicture: 'カメラの映像',
  video: '動画',
  startCamera: 'カメラを開始',
  playVideo: '動画を再生',
  paused: '一時停止中',
  waitingForCamera: 'カメラを待っています。ブラウザーに尋ねられたら許可してください。',
  loadingModel: 'モデルを読み込んでいます…',
  cameraOn: 'カメラ作動中',
  stop: '停止',

  consentTitle: '表情を読み取ってもよろしいですか？',
  consent: [
    'このページはカメラの映像から、7つの表情のどれが顔に表れているかを数値で計算します。',
    '計算はこの端末で行われます。映像はどこにも送信されません。',
    '読み取るのは表情であり、気持ちではありません。いつでも停止できます。',
  ],
  agree: '同意して開始',
  decline: 'いいえ',

  retry: 'もう一度試す',
  errors: {
    'camera-dismissed': 'カメラの確認が閉じられました。もう一度試して、許可してください。',
    'camera-blocked-by-policy':
      'このページを含むサイトがカメラの使用を許可していません。ページを単独で開くか、サイトの管理者に連絡してください。',
    'camera-blocked-by-system':
      'この端末はブラウザーにカメラを許可していません。システムのプライバシー設定で許可してから、もう一度試してください。',
    'camera-not-found': 'カメラがありません。接続するか電源を入れてから、もう一度試してください。',
    'camera-in-use':
      'カメラが起動しません。カメラを使っている他のプログラムを閉じてから、もう一度試してください。',
    'camera-constraints':
      '選択したカメラが接続されていません。接続してから、もう一度試してください。',
    'camera-insecure-page':
      'カメラには安全なページが必要です。https:// でこのページを開いてください。',
    'camera-in-app-browser':
      'このアプリのページではカメラを使えません。Safari や Chrome などのブラウザーで開いてください。',
    'camera-unsupported':
      'このブラウザーではページでカメラを使えません。最新の Chrome、Edge、Firefox、Safari を使ってください。',
    'camera-failed':
      'カメラを開けませんでした。接続し直すかブラウザーを再起動してから、もう一度試してください。',
    'stream-ended':
      'カメラが切断されました（取り外し、電源オフ、または許可の取り消し）。確認してから、もう一度試してください。',
    'video-unplayable': 'この動画はここでは再生できません。',
    'asset-unreachable': '一部を読み込めませんでした。接続を確認してから、もう一度試してください。',
    'backend-unavailable':
      'このブラウザーでは計算できません。最新の Chrome、Edge、Firefox、Safari を使ってください。',
  },
  allowCamera: {
    chromium:
      'カメラがブロックされています。アドレスの左のアイコンからカメラを許可し、もう一度試してください。',
    firefox:
      'カメラがブロックされています。アドレスバーの斜線付きカメラのアイコンからブロックを解除し、もう一度試してください。',
    safari:
      'カメラがブロックされています。Safari の設定の「Webサイト」›「カメラ」でこのページを許可し、もう一度試してください。',
    ios: 'カメラがブロックされています。アドレスバーのページメニューから「Webサイトの設定」›「カメラ」で許可し、もう一度試してください。',
    android:
      'カメラがブロックされています。アドレスの左のアイコンから「権限」›「カメラ」で許可し、もう一度試してください。',
  },
  otherError: 'エラーのため停止しました：',
};
