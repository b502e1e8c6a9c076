import { Session, version } from 'chdb';
import { splitStatements } from '../../../src/adapters/clickhouse/split-statements.ts';
import { type HttpQuery, RefusedRequest } from './http-query.ts';

export interface EngineAnswer {
  readonly body: Buffer;
  readonly readRows: number;
  readonly elapsedNs: number;
}

export interface ChdbEngine {
  readonly version: string;
  /** Rejects with an Error whose message begins with `Code: N. DB::Exception`. */
  run(query: HttpQuery): Promise<EngineAnswer>;
}

/**
 * The engine of this process on a folder. Each query gets a session of its own (about a millisecond), because
 * a server forgets the settings of a query and a session of the embedded engine keeps them.
 */
export function openChdbEngine(folder: string, configFile?: string): ChdbEngine {
  const options = configFile === undefined ? {} : { connectionArgs: [`--config-file=${configFile}`] };
  // The engine lets go of the folder when its last session closes.
  const anchor = new Session(folder, options);
  const serverVersion = anchor.query('SELECT version()', 'TabSeparated').trim() || version().libchdb;
  return {
    version: serverVersion,
    async run(query) {
      if (query.isEmptyInsert) return { body: Buffer.alloc(0), readRows: 0, elapsedNs: 0 };
      if (!query.isInsert && splitStatements(query.sql).length > 1) {
        throw new RefusedRequest(62, 'SYNTAX_ERROR', 'Syntax error (Multi-statements are not allowed)');
      }
      const session = new Session(folder, options);
      try {
        if (query.database !== 'default') await session.queryAsync(`USE ${quoted(query.database, '`')}`);
        for (const assignments of [query.parameters, query.settings]) {
          const list = assignments.map(([name, value]) => `${name} = ${quoted(value, "'")}`);
          if (list.length > 0) await session.queryAsync(`SET ${list.join(', ')}`);
        }
        const result = await session.queryAsync(query.sql, { format: query.format });
        return {
          body: Buffer.from(result.bytes()),
          readRows: result.rowsRead,
          elapsedNs: Math.round(result.elapsed * 1e9),
        };
      } finally {
        session.close();
      }
    },
  };
}

function quoted(text: string, quote: string): string {
  return `${quote}${text.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`).replaceAll('\0', '\\0')}${quote}`;
}
