/**
 * The server's process: holds the folder, serves it over HTTP, does the faults it is told, and ends with the
 * process that started it. Its first argument is the {@link ServerSettings} as JSON.
 */
import { openChdbEngine } from './chdb-engine.ts';
import { ClickhouseHttpServer } from './clickhouse-http-server.ts';
import type { Command, Notice, ServerSettings } from './control-messages.ts';

const tell = (notice: Notice): void => void process.send?.(notice);

process.on('disconnect', () => process.exit(0));
try {
  const settings = JSON.parse(process.argv[2] ?? '') as ServerSettings;
  const server = new ClickhouseHttpServer(
    openChdbEngine(settings.folder, settings.configFile),
    settings,
    () => tell({ kind: 'inserting' }),
  );
  process.on('message', ({ id, fault }: Command) => {
    server.apply(fault).then(
      () => tell({ kind: 'done', id }),
      (cause: unknown) => tell({ kind: 'failed', message: String(cause) }),
    );
  });
  tell({ kind: 'listening', port: await server.listen() });
} catch (cause) {
  tell({ kind: 'failed', message: cause instanceof Error ? cause.message : String(cause) });
  process.exitCode = 1;
  process.disconnect();
}
