import type { Texts } from './texts.js';

export const texts: Texts = {
  name: '面部表情',
  emotions: {
    neutral: '中性',
    happiness: '高兴',
    surprise: '惊讶',
    sadness: '悲伤',
    anger: '愤怒',
    disgust: '厌恶',
    fear: '恐惧',
  },
  unclear: '不明确',
  expression: '表情',
  noFace: '没有人脸',
  noFaceInView: '画面中没有人脸',
  scores: '七种表情的得分',

  cameraPicture: '摄像头画面',
  video: '视频',
  startCamera: '开启摄像头',
  playVideo: '播放视频',
  paused: '已暂停',
  waitingForCamera: '正在等待摄像头。如果浏览器询问，请允许。',
  loadingModel: '正在加载模型…',
  cameraOn: '摄像头已开启',
  stop: '停止',

  consentTitle: '可以读取您的面部表情吗？',
  consent: [
    '本页面根据摄像头画面，以数值计算您的脸呈现七种表情中的哪一种。',
    '计算在本设备上进行，画面不会发送到任何地方。',
    '它看到的是表情，而不是您的感受。您可以随时停止。',
  ],
  agree: '同意并开始',
  decline: '不，谢谢',

  retry: '重试',
  errors: {
    'camera-dismissed': '摄像头的询问已被关闭。请重试并允许。',
    'camera-blocked-by-policy':
      '包含此页面的网站不允许它使用摄像头。请单独打开此页面，或告知网站负责人。',
    'camera-blocked-by-system':
      '此设备不允许浏览器使用摄像头。请在系统的隐私设置中允许，然后重试。',
    'camera-not-found': '没有摄像头。请连接或打开摄像头，然后重试。',
    'camera-in-use': '摄像头无法启动。请关闭正在使用它的其他程序，然后重试。',
    'camera-constraints': '所选的摄像头未连接。请连接后重试。',
    'camera-insecure-page': '摄像头需要安全的页面。请通过 https:// 打开此页面。',
    'camera-in-app-browser':
      '此应用显示的页面不能使用摄像头。请在 Safari 或 Chrome 等浏览器中打开此页面。',
    'camera-unsupported':
      '此浏览器不向页面提供摄像头。请使用最新的 Chrome、Edge、Firefox 或 Safari。',
    'camera-failed': '无法打开摄像头。请重新连接摄像头或重启浏览器，然后重试。',
    'stream-ended': '摄像头已断开：被拔出、关闭或收回权限。请检查后重试。',
    'video-unplayable': '此处无法播放该视频。',
    'asset-unreachable': '有一部分无法加载。请检查网络连接，然后重试。',
    'backend-unavailable': '此浏览器无法进行计算。请使用最新的 Chrome、Edge、Firefox 或 Safari。',
  },
  allowCamera: {
    chromium: '摄像头被阻止。请点击地址左侧的图标，允许摄像头，然后重试。',
    firefox: '摄像头被阻止。请点击地址栏中带斜线的摄像头图标，解除阻止，然后重试。',
    safari: '摄像头被阻止。请在 Safari 设置的“网站”›“摄像头”中允许此页面，然后重试。',
    ios: '摄像头被阻止。请打开地址栏中的页面菜单，在“网站设置”›“相机”中允许，然后重试。',
    android: '摄像头被阻止。请点按地址左侧的图标，在“权限”›“摄像头”中允许，然后重试。',
  },
  otherError: '因错误而停止：',
};
