import { expect, it } from 'vitest';
import { newTally, tallyUnknownName } from '../../../src/runtime/tally.ts';
import { TallyMeter } from '../../../src/runtime/worker/tally-meter.ts';

it('cuts a growing tally into parts that add up to it', () => {
  const tally = newTally();
  const meter = new TallyMeter(tally);
  const nothing = { accepted: 0, duplicate: 0, late: 0, rejected: {}, unknownNames: 0 };
  expect(meter.read()).toEqual(nothing);
  tally.events.accepted += 3;
  tally.events.late += 1;
  tally.events.rejected.too_late = 2;
  tallyUnknownName(tally, 'Danced');
  expect(meter.read()).toEqual({
    ...nothing,
    accepted: 3,
    late: 1,
    rejected: { too_late: 2 },
    unknownNames: 1,
  });
  tally.events.duplicate += 1;
  tally.events.rejected.too_late = 3;
  tally.events.rejected.malformed = 1;
  tallyUnknownName(tally, 'Danced');
  tallyUnknownName(tally, 'Sang');
  expect(meter.read()).toEqual({
    ...nothing,
    duplicate: 1,
    rejected: { too_late: 1, malformed: 1 },
    unknownNames: 2,
  });
  expect(meter.read()).toEqual(nothing);
});
