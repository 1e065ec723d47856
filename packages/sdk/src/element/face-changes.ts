import { EmotionChangeEvent, FaceFoundEvent, FaceLostEvent } from '../events.js';
import type { FaceReading, RecognitionResult } from '../reading.js';

type FaceEvent = FaceFoundEvent | FaceLostEvent | EmotionChangeEvent;

/** Tells from one result to the next who came, who went and whose expression changed. */
export class FaceChanges {
  /** The faces of the last result by their ids. */
  #faces: ReadonlyMap<number, FaceReading> = new Map();

  /** @returns what to say of a result, in the order in which to say it */
  next({ faces, timestampMs }: RecognitionResult): readonly FaceEvent[] {
    const before = this.#faces;
    this.#faces = new Map(faces.map((face) => [face.id, face]));
    const events: FaceEvent[] = [];
    for (const id of before.keys()) {
      if (!this.#faces.has(id)) events.push(new FaceLostEvent(id, timestampMs));
    }
    for (const face of faces) {
      const last = before.get(face.id);
      if (!last) events.push(new FaceFoundEvent(face, timestampMs));
      if (last?.emotion !== face.emotion || last.isUncertain !== face.isUncertain) {
        events.push(new EmotionChangeEvent(face, last?.emotion, timestampMs));
      }
    }
    return events;
  }
}
