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

/** The same with order numbers; of every so many orders one is cancelled, and every tenth of these a day later. */
export function ordersWithCancelsText(people: number, days: number, oneIn: number): string {
  const [, ...orders] = ordersText(people, days).trimEnd().split('\n');
  const lines = ['customer,date,amount,number,what'];
  orders.forEach((line, i) => {
    lines.push(`${line},o${i},order`);
    const [customer = '', date = ''] = line.split(',');
    const on = i % (10 * oneIn) === 0 ? new Date(Date.parse(date) + DAY_MS).toISOString().slice(0, 10) : date;
    if (i % oneIn === 0) lines.push(`${customer},${on},,o${i},cancel`);
  });
  return `${lines.join('\n')}\n`;
}

/** The options that name such a history, in a file of the running test's own. */
export function ordersInput(people: number, days: number): string[] {
  const path = join(temporaryFolder(), 'orders.csv');
  writeFileSync(path, ordersText(people, days));
  return ['--format', 'csv', '--map', 'person=customer,time=date,value=amount', '--input', path];
}

export function cancelsInput(text: string): string[] {
  const path = join(temporaryFolder(), 'orders.csv');
  writeFileSync(path, text);
  const map = 'person=customer,time=date,value=amount,order=number,kind=what';
  return ['--format', 'csv', '--map', map, '--input', path];
}
