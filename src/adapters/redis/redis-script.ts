import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RedisConnection } from './redis-connection.ts';

/** Beside src/ and dist/ alike. */
const SCRIPTS = new URL('../../../schemas/redis/', import.meta.url);

export type ScriptName =
  'claim' | 'commit' | 'due' | 'freeze' | 'note-progress' | 'outbox' | 'publish-inputs' | 'read' | 'trim';

/**
 * A Lua script of schemas/redis. Sent by its hash, and whole to a server that does not know it yet: one that is new,
 * was restarted, or took a failed one's place. Answers are buffers.
 */
export class RedisScript {
  private readonly source: string;
  private readonly sha: string;

  constructor(name: ScriptName) {
    this.source = readFileSync(new URL(`${name}.lua`, SCRIPTS), 'utf8');
    this.sha = createHash('sha1').update(this.source).digest('hex');
  }

  async run(
    { client }: RedisConnection,
    keys: readonly string[],
    parameters: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    const args = [this.sha, keys.length, ...keys, ...parameters];
    try {
      return await client.callBuffer('EVALSHA', args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return client.callBuffer('EVAL', [this.source, ...args.slice(1)]);
    }
  }
}
