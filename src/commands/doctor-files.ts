import { readdir } from 'node:fs/promises';
import { FolderModelRegistry } from '../adapters/models/folder-model-registry.ts';
import { readServedModels } from '../adapters/models/read-served-models.ts';
import { defaultPolicyPath, loadPolicy } from '../adapters/policy/load-policy.ts';
import type { Config } from '../config.ts';
import type { Findings } from './doctor-finding.ts';
import { formatQuantity } from './terminal/numbers.ts';

/** Whether the policy of the settings is one. */
export async function judgePolicy(findings: Findings, { policyFile }: Config): Promise<void> {
  const { version, dimensions, triggers } = await loadPolicy(policyFile ?? defaultPolicyPath());
  const parts = `${formatQuantity(dimensions.length, 'dimension')}, ${formatQuantity(triggers.length, 'trigger')}`;
  findings.ok(`${version} holds, ${policyFile ?? 'the default pack'}: ${parts}`);
}

/** Whether the models in force are whole and fit this version. Loads no network. */
export async function judgeModels(findings: Findings, { modelsFolder }: Config): Promise<void> {
  if (modelsFolder === undefined) {
    findings.ok('no modelsFolder: the closed form scores people');
    return;
  }
  try {
    await readdir(modelsFolder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    findings.problem(`${modelsFolder} cannot be read: ${why}`, 'Check modelsFolder and who may read it.');
    return;
  }
  const { churn, segmentsVersion } = await readServedModels(new FolderModelRegistry(modelsFolder));
  const inForce = [churn?.version, segmentsVersion].filter((version) => version !== undefined);
  if (inForce.length > 0) findings.ok(`in force in ${modelsFolder}: ${inForce.join(', ')}`);
  else {
    findings.warn(
      `nothing is in force in ${modelsFolder}: the closed form scores people`,
      'Promote a model there (`promote`), or leave modelsFolder out.',
    );
  }
}
