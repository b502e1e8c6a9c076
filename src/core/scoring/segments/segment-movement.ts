/** Who moved when a label changed over a time in which both the person's numbers and the centroids may have. */
export type Mover = 'person' | 'centroids' | 'both' | 'together' | 'nobody';

export interface MovedLabels {
  /** Old centroids, old numbers: what was held. */
  readonly previous: string;
  /** Old centroids, new numbers. */
  readonly personAlone: string;
  /** New centroids, old numbers. */
  readonly centroidsAlone: string;
  /** New centroids, new numbers: what holds now. */
  readonly now: string;
}

/**
 * Whose move a change of labels is: of the one whose move alone would have changed the label, of `both` when each
 * would have, of both `together` when neither would have alone; `nobody` when the label is what it was, though the
 * two moves may have cancelled each other out. All four labels should be found alike: each with the previous label
 * held, where hysteresis is in force.
 */
export function whoMoved({ previous, personAlone, centroidsAlone, now }: MovedLabels): Mover {
  if (now === previous) return 'nobody';
  const byPerson = personAlone !== previous;
  const byCentroids = centroidsAlone !== previous;
  if (byPerson && byCentroids) return 'both';
  if (byPerson) return 'person';
  return byCentroids ? 'centroids' : 'together';
}
