import { join } from 'node:path';
import type { Command } from 'commander';
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
};

/** `schemas`: writes the JSON Schemas that producers, subscribers and editors use. */
export function addSchemasCommand(program: Command, world: World): void {
  const command = program
    .command('schemas')
    .description('write the JSON Schemas of everything that crosses the process');
  demandOption(command, '--out <folder>', 'existing folder for the files').action(
    async ({ out }: { readonly out: string }) => {
      for (const { file, text } of renderSchemas()) {
        await writeFileWhole(join(out, file), [text]);
        world.stdout.write(`${join(out, file)}\n`);
      }
    },
  );
  addExamples(command, world, ['schemas --out schemas']);
}

/** The files as `schemas` writes them, for the test that the committed ones are current. */
export function renderSchemas(): { readonly file: string; readonly text: string }[] {
  return Object.entries(SCHEMAS).map(([file, makeSchema]) => ({
    file,
    text: `${JSON.stringify(makeSchema(), null, 2)}\n`,
  }));
}
