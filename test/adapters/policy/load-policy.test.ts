import { writeFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultPolicyPath, loadPolicy } from '../../../src/adapters/policy/load-policy.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { A_POLICY } from './a-policy-text.ts';

describe('loading a policy', () => {
  it('finds the default pack wherever the process runs', async () => {
    expect(isAbsolute(defaultPolicyPath())).toBe(true);
    expect((await loadPolicy(defaultPolicyPath())).name).toBe('marketplace');
  });

  it('takes a relative path from the working folder', async () => {
    const path = join(temporaryFolder(), 'own.yaml');
    writeFileSync(path, `\uFEFF${A_POLICY}`);
    expect((await loadPolicy(relative(process.cwd(), path))).name).toBe('small');
  });

  it('names a file that is not there', async () => {
    await expect(loadPolicy('no/such.yaml')).rejects.toMatchObject({
      code: 'INPUT_NOT_FOUND',
      message: 'cannot read the policy file no/such.yaml',
      mend: 'check the path, or name no policy to use the default pack',
    });
  });

  it('refuses bytes that are no text', async () => {
    const path = join(temporaryFolder(), 'binary.yaml');
    writeFileSync(path, Uint8Array.of(0x50, 0x4b, 0x03, 0x04, 0xff, 0xfe, 0x80));
    await expect(loadPolicy(path)).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      message: `${path} is not a text file in UTF-8`,
    });
  });

  it('names the file in each mistake', async () => {
    const path = join(temporaryFolder(), 'own.yaml');
    writeFileSync(path, A_POLICY.replace('version: 1', 'version: one'));
    await expect(loadPolicy(path)).rejects.toThrow(`${path}:2:10 version: "one" is not a version`);
  });
});
