import { join } from 'node:path';
import type { Command } from 'commander';
import { MESSAGE_JSON_SCHEMAS } from '../adapters/cloudevents/message-json-schemas.ts';
import { featuresMarkdown } from '../adapters/policy/features-markdown.ts';
import { policyJsonSchema } from '../adapters/policy/policy-json-schema.ts';
import { segmentJsonSchema } from '../adapters/segment/wire-schema.ts';
import { addExamples } from './terminal/add-examples.ts';
import { demandOption } from './terminal/demand-option.ts';
import type { World } from './world.ts';
import { writeFileWhole } from './write-chunks.ts';

/** File name to schema: every contract whose JSON Schema is made from the code that enforces it. */
const SCHEMAS: Readonly<Record<string, () => Readonly<Record<string, unknown>>>> = {
  'events.schema.json': segmentJsonSchema,
  'policy.schema.json': policyJsonSchema,
  ...MESSAGE_JSON_SCHEMAS,
};

/** `schemas`: writes the JSON Schemas that producers, subscribers and editors use. */
export function addSchemasCommand(program: Command, world: World): void {
  const command = program
    .command('schemas')
    .description('write the JSON Schemas of everything that crosses the process');
  demandOption(command, '--out <folder>', 'existing folder for the files')
    .option('--docs <folder>', 'existing folder for features.md, the catalogue of features in words')
    .action(async ({ out, docs }: { readonly out: string; readonly docs?: string }) => {
      const files = renderSchemas().map(({ file, text }) => ({ path: join(out, file), text }));
      if (docs !== undefined) files.push({ path: join(docs, 'features.md'), text: featuresMarkdown() });
      for (const { path, text } of files) {
        await writeFileWhole(path, [text]);
        world.stdout.write(`${path}\n`);
      }
    });
  addExamples(command, world, ['schemas --out schemas']);
}

/** The files as `schemas` writes them, for the test that the committed ones are current. */
export function renderSchemas(): { readonly file: string; readonly text: string }[] {
  return Object.entries(SCHEMAS).map(([file, makeSchema]) => ({
    file,
    text: `${JSON.stringify(makeSchema(), null, 2)}\n`,
  }));
}
