import { spawn } from 'node:child_process';

const DEADLINE_MS = 30_000;

/** Runs a command with the text as its standard input; gives what it printed, and rejects with it when it failed. */
export function runWithInput(command: string, args: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], timeout: DEADLINE_MS });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(said) : reject(new Error(`${command} ended with ${code}: ${said.slice(-2000)}`)),
    );
    child.stdin.end(input);
  });
}
