import * as z from 'zod';
import { forwardedFactsMessage } from './forwarded-facts-schema.ts';
import { deadLetterMessage, tagChangedData, triggerData } from './message-schemas.ts';

const BASE = 'https://tidemark.dev/schemas/';

/**
 * JSON Schemas of what leaves us, by file name. Those of tags and triggers are what the `dataschema` of a CloudEvent
 * points to: they describe its `data`.
 */
export const MESSAGE_JSON_SCHEMAS: Readonly<Record<string, () => Readonly<Record<string, unknown>>>> = {
  'tag-changed.schema.json': () =>
    schemaOf('tag-changed', 'Tidemark: data of a changed tag (io.tidemark.tag.changed)', tagChangedData),
  'trigger.schema.json': () =>
    schemaOf('trigger', 'Tidemark: data of a trigger (io.tidemark.trigger.<name>)', triggerData),
  'dead-letter.schema.json': () =>
    schemaOf('dead-letter', 'Tidemark: a record that could not be used', deadLetterMessage),
  'forwarded-facts.schema.json': () =>
    schemaOf('forwarded-facts', 'Tidemark: facts between partitions (internal)', forwardedFactsMessage),
};

function schemaOf(name: string, title: string, schema: z.ZodType): Readonly<Record<string, unknown>> {
  return { $id: `${BASE}${name}.schema.json`, title, ...z.toJSONSchema(schema, { io: 'input' }) };
}
