import { EmotionCam } from 'emotion-cam/react';
import { useState } from 'react';

const labels = { happiness: 'Smiling' }; // a property: no attribute can hold it

export function App() {
  const [expression, setExpression] = useState('');
  return (
    <>
      <EmotionCam
        id="cam"
        src="clip.webm"
        assets="emotion-cam/assets/"
        model="lite"
        backend="wasm"
        autostart
        maxFaces={2}
        labels={labels}
        onEmotionChange={(event) => setExpression(event.emotion)}
      />
      <output>{expression}</output>
    </>
  );
}
