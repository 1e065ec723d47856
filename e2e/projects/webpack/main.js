import 'emotion-cam/define.js';
