import * as z from 'zod';
import { instant, isoOf } from '../../core/time.ts';
import type { Promotion } from '../../ports/model-registry.ts';
import { modelInvalid } from './model-invalid.ts';

const promotionsSchema = z.strictObject({
  promotions: z.array(
    z.strictObject({
      version: z.string(),
      promotedAt: z.iso.datetime().transform((text) => instant(Date.parse(text))),
      forced: z.boolean(),
      bestBaseline: z.literal(true).optional(),
      /** What the same was called while the closed form was the only baseline that could serve. */
      closedForm: z.literal(true).optional(),
      reasons: z.array(z.string()),
    }),
  ),
});

/** `promotions.json`: what was put in force, newest last. */
export function promotionsText(promotions: readonly Promotion[]): string {
  const told = promotions.map(({ promotedAt, ...rest }) => ({
    ...rest,
    promotedAt: isoOf(promotedAt),
  }));
  return `${JSON.stringify({ promotions: told }, null, 2)}\n`;
}

/** Throws `MODEL_INVALID`, naming `path`, for any other text. */
export function readPromotions(text: string, path: string): readonly Promotion[] {
  const mend = 'restore the file from where the models came from, or remove it and promote a model again';
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw modelInvalid(`${path} is not JSON`, mend, cause);
  }
  const read = promotionsSchema.safeParse(parsed);
  if (!read.success) throw modelInvalid(`${path} is damaged: ${z.prettifyError(read.error)}`, mend);
  return read.data.promotions.map(({ bestBaseline, closedForm, ...rest }) => {
    const instead = bestBaseline ?? closedForm;
    return instead === undefined ? rest : { ...rest, bestBaseline: instead };
  });
}
