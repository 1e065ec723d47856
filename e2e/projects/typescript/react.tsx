import { EmotionCam } from 'emotion-cam/react';

export const component = (
  <EmotionCam maxFaces={2} onEmotionChange={({ emotion }) => console.log(emotion)} />
);
export const tag = <emotion-cam autostart maxFaces={2} />;
