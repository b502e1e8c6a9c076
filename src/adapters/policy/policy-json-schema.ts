import { z } from 'zod';
import { policySchema } from './policy-schema.ts';

/**
 * JSON Schema (2020-12) of a policy file: completion and documentation of every feature, and most mistakes before
 * the file is ever loaded. What one part says about another (references, order of bands, side of exit bands) is
 * checked on loading only.
 */
export function policyJsonSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(policySchema([]), { io: 'input' });
  const $id = 'https://tidemark.dev/schemas/policy.schema.json';
  return { $schema, $id, title: 'Tidemark policy', ...schema };
}
