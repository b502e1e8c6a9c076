import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DAY_MS = 86_400_000;

/** A history from 2024-01-01 on: everybody orders in a rhythm of their own, and half of them stop, one after the other. */
export function ordersText(people: number, days: number): string {
  const lines = ['customer,date,amount'];
  for (let i = 0; i < people; i++) {
    const until = i % 2 === 0 ? days : Math.min(days, (days * (i + 10)) / people);
    for (let day = i % 20; day < until; day += 5 + (i % 30)) {
      const date = new Date(Date.UTC(2024, 0, 1) + day * DAY_MS).toISOString().slice(0, 10);
      lines.push(`c${i},${date},${10 + (i % 7)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

/** The options that name such a history, in a file of the running test's own. */
export function ordersInput(people: number, days: number): string[] {
  const path = join(temporaryFolder(), 'orders.csv');
  writeFileSync(path, ordersText(people, days));
  return ['--format', 'csv', '--map', 'person=customer,time=date,value=amount', '--input', path];
}
